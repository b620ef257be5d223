/** What a run's workers and its broker agree on. */

/** What workers may ask for, and what they get. */
export type BrokerAnswers = {
  readonly postgres: { readonly url: string };
  /** The name of the migrated database that tests get clones of. */
  readonly template: { readonly url: string; readonly template: string };
  readonly nats: { readonly url: string };
  readonly kubernetes: { readonly kubeconfigPath: string };
};

export type BrokerQuestion = keyof BrokerAnswers;

/** Holds the broker's address in the workers' environment. */
export const brokerVariable = 'WINDLASS_TEST_BROKER';

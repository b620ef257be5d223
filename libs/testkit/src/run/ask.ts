/** A worker's side of the broker. */
import { type BrokerAnswers, type BrokerQuestion, brokerVariable } from './questions.ts';

const answers = new Map<BrokerQuestion, Promise<string>>();

/** Asks once per worker; the first question of a run waits for the server's start. */
export async function askBroker<Question extends BrokerQuestion>(
  question: Question,
): Promise<BrokerAnswers[Question]> {
  const asked = answers.get(question) ?? ask(question);
  answers.set(question, asked);
  const answer: BrokerAnswers[Question] = JSON.parse(await asked);
  return answer;
}

async function ask(question: BrokerQuestion): Promise<string> {
  const url = process.env[brokerVariable];
  if (url === undefined) {
    throw new Error(
      'no servers here: they belong to the integration project, whose files end in ' +
        '.integration.test.ts',
    );
  }
  // No deadline of its own: the start has one, and the test has one.
  const response = await fetch(`${url}/${question}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`the run's ${question} can't be had: ${text}`);
  return text;
}

/** As whom the tour calls the API. */
import type { StackSettings } from '../settings.ts';

export type TourAccess =
  | { readonly kind: 'granted'; readonly credentials: TourCredentials }
  /** Says what the tour lacks, and what to do. */
  | { readonly kind: 'missing'; readonly message: string };

export type TourCredentials = { readonly userId: string } | { readonly token: string };

const tourUser = 'tour';

/** In header mode the tour may name any user; in jwt mode only the provider makes tokens. */
export function tourAccess({
  authMode,
  tourToken,
}: Pick<StackSettings, 'authMode' | 'tourToken'>): TourAccess {
  if (authMode === 'header') return { kind: 'granted', credentials: { userId: tourUser } };
  if (tourToken !== null) return { kind: 'granted', credentials: { token: tourToken } };
  const message =
    'the tour is left out: with AUTH_MODE=jwt it needs a token of your provider in TOUR_TOKEN; ' +
    'the deployment that it makes and deletes belongs to that user';
  return { kind: 'missing', message };
}

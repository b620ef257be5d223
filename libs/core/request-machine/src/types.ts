/** What a request asks for now; PATCH and DELETE change it. */
export const RequestType = { Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' } as const;
export type RequestType = (typeof RequestType)[keyof typeof RequestType];

/** CREATED: accepted, not carried out yet. SUCCESS: applied. FAILURE: given up, with an error. */
export const RequestStatus = {
  Created: 'CREATED',
  Success: 'SUCCESS',
  Failure: 'FAILURE',
} as const;
export type RequestStatus = (typeof RequestStatus)[keyof typeof RequestStatus];

/** What one revision does; each maps to a request type (operationType). */
export const Operation = {
  Create: 'CREATE',
  Update: 'UPDATE',
  Scale: 'SCALE',
  Restart: 'RESTART',
  Pause: 'PAUSE',
  Resume: 'RESUME',
  Rollback: 'ROLLBACK',
  Replay: 'REPLAY',
  Delete: 'DELETE',
} as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** One revision of a request: open until it has been carried out or given up. Ends once. */
export const RevisionStatus = { Open: 'OPEN', Success: 'SUCCESS', Failure: 'FAILURE' } as const;
export type RevisionStatus = (typeof RevisionStatus)[keyof typeof RevisionStatus];

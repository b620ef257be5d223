/** User ids in queries. */
import { Type } from 'typebox';
import { USER_ID_LENGTH_MAX, USER_ID_PATTERN } from '../auth/caller.ts';

export const userFilterSchema = Type.String({
  description: 'Only what belongs to this user. Of others: admins only.',
  minLength: 1,
  maxLength: USER_ID_LENGTH_MAX,
  pattern: USER_ID_PATTERN,
});

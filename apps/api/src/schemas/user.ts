/** User ids in queries. */
import { Type } from 'typebox';
import { userIdForm, userIdLengthMax } from '../auth/caller.ts';

export const userFilterSchema = Type.String({
  description: 'Only what belongs to this user. Of others: admins only.',
  minLength: 1,
  maxLength: userIdLengthMax,
  pattern: userIdForm,
});

/** A command that can't do what it was asked: said as it is, without a stack trace, exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

type Loose<Shape> = { readonly [Key in keyof Shape]: Shape[Key] | undefined };

/** The object without its undefined members: under server-side apply, a named field is an owned one. */
export function present<Shape extends object>(value: Loose<Shape>): Shape;
export function present(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

/** As `present`, but undefined where nothing is left. */
export function presentOrNothing<Shape extends object>(value: Loose<Shape>): Shape | undefined {
  const kept = present<Shape>(value);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

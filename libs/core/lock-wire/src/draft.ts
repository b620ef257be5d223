/** A message that is being read: its fields arrive one by one, and may arrive twice. */
export type Draft<Shape> = Shape extends unknown
  ? { -readonly [Field in keyof Shape]: Shape[Field] }
  : never;

/**
 * True where `*` in the pattern can stand for runs of characters (empty ones too) so that the whole
 * text is matched. Takes at most pattern × text steps, whatever the pattern.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let patternAt = 0;
  let textAt = 0;
  /** Where to go on after a mismatch: the last star, and the text that it has taken so far. */
  let star = -1;
  let taken = 0;
  while (textAt < text.length) {
    if (pattern[patternAt] === '*') {
      star = patternAt;
      taken = textAt;
      patternAt += 1;
    } else if (pattern[patternAt] === text[textAt]) {
      patternAt += 1;
      textAt += 1;
    } else if (star >= 0) {
      taken += 1;
      textAt = taken;
      patternAt = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(patternAt));
}

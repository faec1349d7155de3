/**
 * Checks a name by the kernel's rules (dev_valid_name), and one of our own: the kernel would silently cut it after 15
 * bytes.
 *
 * @throws {TypeError} not a string, or characters that the kernel refuses
 * @throws {RangeError} more than 15 bytes
 */
export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`Expected name to be a string, got ${typeof name}`);
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > 15) throw new RangeError(`Expected a name of at most 15 bytes, got ${bytes} in ${JSON.stringify(name)}`);
  if (/[/:\s\u0000-\u001f\u007f]/.test(name) || name === '.' || name === '..') {
    throw new TypeError(`Expected a name without slash, colon and blanks, got ${JSON.stringify(name)}`);
  }
  if (name.replace('%d', '').includes('%')) {
    throw new TypeError(`Expected at most one %d, and no other %, in the name ${JSON.stringify(name)}`);
  }
  return name;
}

/** As `checkName`, where an empty name means nothing. */
export function checkNewName(name: unknown): string {
  const checked = checkName(name);
  if (checked === '') throw new TypeError('Expected a name, got an empty one');
  return checked;
}

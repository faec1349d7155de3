/** Prints the heading of a part. */
export function heading(text) {
  console.log(`\n${text}`);
}

/** Prints one measured line: what, value, and beside it a remark or the target. */
export function row(what, value, remark = '') {
  console.log(`  ${what.padEnd(58)} ${value}${remark === '' ? '' : `   ${remark}`}`);
}

/** Says what was aimed at, and whether the value is there. Nothing fails because of it: machines differ. */
export function target(text, isMet) {
  return `(target ${text}: ${isMet ? 'met' : 'MISSED'})`;
}

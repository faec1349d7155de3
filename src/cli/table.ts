/**
 * Lines of aligned columns, two spaces apart. Columns whose cells below the first row are all numbers are aligned to the
 * right.
 */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const texts = rows.map((row) => row.map(String));
  const columns = Math.max(0, ...texts.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => widest(texts, column));
  const isNumeric = widths.map((_, column) => rows.length > 1 && rows.slice(1).every((row) => isNumber(row[column])));
  return texts.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function widest(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(...rows.map((row) => row[column]?.length ?? 0));
}

function isNumber(cell: string | number | undefined): boolean {
  return typeof cell === 'number' || cell === undefined || cell === '-';
}

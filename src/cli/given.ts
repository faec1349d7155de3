/** What stood on the command line, checked against the options of the command. */
export interface Given {
  /** Options in the order in which they were given; a boolean one has the value `''`. */
  readonly options: readonly GivenOption[];
  /** Arguments that are no options. */
  readonly operands: readonly string[];
}

export interface GivenOption {
  readonly name: string;
  readonly value: string;
}

/** Whether a boolean option was given. */
export function has(given: Given, name: string): boolean {
  return given.options.some((option) => option.name === name);
}

/** The value of an option that may be given once. */
export function valueOf(given: Given, name: string): string | undefined {
  return given.options.find((option) => option.name === name)?.value;
}

/** The values of an option that may be repeated, in order. */
export function valuesOf(given: Given, name: string): string[] {
  return given.options.filter((option) => option.name === name).map((option) => option.value);
}

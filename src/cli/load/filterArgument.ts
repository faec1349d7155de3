import { existsSync } from 'node:fs';

import { ExpressionError } from '../../pcap/expressionError.ts';
import { pcapFilter } from '../../filter/pcapFilter.ts';
import type { ChainItem } from '../../filter/guarded.ts';
import type { FilterSource } from '../../filter/stage.ts';
import { UsageError } from '../usageError.ts';
import type { Given } from '../given.ts';
import { filterPath } from './filterPath.ts';

/** What stood behind `--filter` or `--drop`: the path of a file, or a filter of a pcap expression. */
export type FilterArgument = { readonly file: string } | { readonly filter: ChainItem };

/** The filters of a command line, in the order in which they were given. Options: `filter`, and `drop` for expressions. */
export function filterArguments(given: Given): FilterArgument[] {
  return given.options.flatMap(({ name, value }) => {
    if (name === 'filter') return [filterArgument(value)];
    return name === 'drop' ? [{ filter: expressionFilter(`--drop`, value, 'drop') }] : [];
  });
}

/** What stood behind `--filter` and is no expression, as it was written. */
export function filterFiles(given: Given): string[] {
  return given.options.filter(({ name, value }) => name === 'filter' && !isExpression(value)).map(({ value }) => value);
}

/** The path of a file, or a pcap expression: what can be told to another process. */
export type NamedFilter = { readonly file: string } | { readonly expression: string };

/**
 * Reads what stood behind `--filter`: what is neither a path nor `npm:NAME` is a pcap expression.
 *
 * @throws {UsageError} no such file, or an expression that cannot be compiled
 */
export function namedFilter(text: string): NamedFilter {
  if (!isExpression(text)) return { file: filterPath(text) };
  passFilter(text);
  return { expression: text };
}

function filterArgument(text: string): FilterArgument {
  const named = namedFilter(text);
  return 'file' in named ? named : { filter: passFilter(text) };
}

/** A filter that lets pass what matches, and bears the name of its expression. */
export function passFilter(expression: string): FilterSource {
  return expressionFilter('--filter', expression, 'continue');
}

function isExpression(text: string): boolean {
  const isPath = /^\.{0,2}\//.test(text) || /^[^\s]*\.(m?[tj]s|wasm)$/.test(text);
  return !isPath && !text.startsWith('npm:') && !existsSync(text);
}

function expressionFilter(option: string, text: string, onMatch: 'continue' | 'drop'): FilterSource {
  try {
    return pcapFilter(text, { onMatch, name: nameOf(text) });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new UsageError(`${option}: ${error.message}${option === '--filter' ? otherwise(text) : ''}`);
  }
}

/** A single word may have been meant as the name of something else. */
function otherwise(text: string): string {
  if (!/^[\w@.-][\w@./-]*$/.test(text)) return '';
  return `\nThere is no file or folder ${text} either; an installed package would be npm:${text}`;
}

/** Shown in summaries: the expression itself, as far as there is room. */
function nameOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return 'pcap';
  return line.length <= 64 ? line : `${line.slice(0, 63)}…`;
}

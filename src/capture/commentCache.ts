import { utf8 } from './blockBuilder.ts';

const COMMENT_COUNT = 256;

/** Comments as UTF-8: verdicts and reasons come again and again. */
export class CommentCache {
  readonly #comments = new Map<string, Uint8Array>();

  utf8(comment: string): Uint8Array {
    const known = this.#comments.get(comment);
    if (known !== undefined) return known;
    if (this.#comments.size === COMMENT_COUNT) this.#comments.clear();
    const bytes = utf8(comment);
    this.#comments.set(comment, bytes);
    return bytes;
  }
}

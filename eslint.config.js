import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const typed = { files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts', '*.config.ts'] };

export default defineConfig(
  {
    ignores: [
      'dist/',
      'build/',
      'examples/*/build/',
      'node_modules/',
      'coverage/',
      'templates/',
      'examples/*/',
      'test/assembly/filter/{probe,tables}/',
    ],
  },
  {
    ...typed,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers are what this project prints; everything else still has to be turned into text on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `while (true)` and `for (;;)` state machines end by return.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    // The public surface carries doc comments that hold together.
    files: ['src/**/*.ts'],
    extends: [jsdoc.configs['flat/recommended-typescript-error']],
    rules: {
      'jsdoc/require-jsdoc': 'off',
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      'jsdoc/tag-lines': 'off',
      'jsdoc/require-throws-type': 'off',
      // A parameter whose name and type say it all needs no line; a module's first comment is for its reader.
      'jsdoc/check-param-names': ['error', { disableMissingParamChecks: true, checkDestructured: false }],
      'jsdoc/check-tag-names': ['error', { definedTags: ['module', 'typeParam'] }],
      'jsdoc/multiline-blocks': 'off',
      'jsdoc/escape-inline-tags': 'off',
    },
  },
  {
    // One room knows the foreign function interface.
    files: ['src/**/*.ts'],
    ignores: ['src/sys/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'koffi', message: 'Only src/sys may import koffi.' }] }],
    },
  },
  {
    // AssemblyScript has its own compiler for types; the linter reads its syntax.
    files: ['assembly/**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      // Decorated classes, `changetype` and namespaced built-ins are how the language works.
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-loss-of-precision': 'off',
    },
  },
);

import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

// "Rust decides, TypeScript presents": time is the engine's. The one timer TypeScript may arm is the batch of
// notifications (src/core/notifyManager.ts); the wake-up timer and every deadline are armed by `src/client`.
const timers = ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback'].map((name) => ({
  name,
  message: 'Deadlines belong to the engine (Rust). Only src/core/notifyManager.ts may arm a timer.',
}))

export default tseslint.config(
  { ignores: ['src/border/generated/**', 'node_modules/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeCheckedOnly],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // What is thrown on is the user's own error, of whatever type.
      '@typescript-eslint/only-throw-error': 'off',
      // Methods are bound in constructors, as in TanStack Query, which the rule does not see.
      '@typescript-eslint/unbound-method': 'off',
      // Caches hold queries of every type: `Query<any, any, any, any>` stands where the compiler cannot say which.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      // Takes a `!` that says "set by the call below" for noise.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      'no-console': ['error', { allow: ['error', 'warn'] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/core/notifyManager.ts', 'src/**/*.test.{ts,tsx}'],
    rules: {
      'no-restricted-globals': ['error', ...timers],
      'no-restricted-properties': [
        'error',
        ...timers.flatMap(({ name, message }) =>
          ['window', 'globalThis', 'self'].map((object) => ({ object, property: name, message })),
        ),
      ],
    },
  },
  {
    files: ['src/react/**/*.{ts,tsx}', 'src/shadower/**/*.{ts,tsx}', 'src/live/**/*.ts', 'test/**/*.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: ['**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
)

import { css } from 'lit';

/** Colors of code, for the highlights of code-highlights.ts. At least 4.5:1 on the surface of code in every message. */
export const codeColors = css`
  ::highlight(ai-code-comment) {
    color: var(--ai-code-comment, light-dark(#57606a, #b4bdca));
  }

  ::highlight(ai-code-keyword) {
    color: var(--ai-code-keyword, light-dark(#8f1d85, #e3a0f0));
  }

  ::highlight(ai-code-string) {
    color: var(--ai-code-string, light-dark(#0b5a2e, #98d69a));
  }

  ::highlight(ai-code-number) {
    color: var(--ai-code-number, light-dark(#8a3b00, #f0b070));
  }

  ::highlight(ai-code-function) {
    color: var(--ai-code-function, light-dark(#1d4aa8, #9dbcff));
  }

  ::highlight(ai-code-name) {
    color: var(--ai-code-name, light-dark(#0a5a68, #7fd0dd));
  }

  ::highlight(ai-code-inserted) {
    color: var(--ai-code-inserted, light-dark(#0b5a2e, #98d69a));
  }

  ::highlight(ai-code-deleted) {
    color: var(--ai-code-deleted, light-dark(#a3221a, #ffb0a6));
  }
`;

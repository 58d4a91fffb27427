const answer = `Yes. A few custom properties set colours, fonts and corners:

| Token | Sets |
| --- | --- |
| \`--ai-accent\` | buttons and links |
| \`--ai-surface\` | the background |

\`\`\`css
ai-stream-chat {
  --ai-accent: rebeccapurple;
}
\`\`\``;

for (const chat of document.querySelectorAll('ai-stream-chat')) {
  chat.messages = [
    { role: 'user', content: 'Can it look like my site?' },
    { role: 'assistant', content: answer },
  ];
}

// The page shows the very style sheet it uses.
document.querySelector('#shown').textContent = document
  .querySelector('#source')
  .textContent.replaceAll(/^ {6}/gm, '')
  .trim();

import { messageText, type Message, type RunInput, type ToolPart } from '../model/index.js';
import { isRecord, present, recordOf, recordsOf, someOf, textOf, type JsonRecord } from '../model/json.js';
import { encodeTools, resultText, systemMessages } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { createOllamaDecoder } from './ollama-stream.js';
import { argsRecord, imagesOf, isPageCall, toolParts } from './parts.js';
import { createToolCallAssembler } from './tool-calls.js';

function createChatDecoder(): Decoder {
  const calls = createToolCallAssembler();
  let callCount = 0;

  return createOllamaDecoder({
    get awaitsTools() {
      return calls.count > 0;
    },
    readLine({ message }) {
      if (!isRecord(message)) return undefined;
      const { content, thinking, tool_calls } = message;
      const events = recordsOf(tool_calls).flatMap(({ id, function: details }) => {
        if (!isRecord(details)) return [];
        const { name, arguments: args } = details;
        // Calls come whole, one after the other: the wire's own index starts again with every line in some versions.
        const index = callCount;
        callCount += 1;
        const text = typeof args === 'string' ? args : JSON.stringify(recordOf(args));
        const begun = calls.add({ index, id: textOf(id), name: textOf(name), args: text });
        return [...begun, ...calls.end(index, false)];
      });
      return { text: content, reasoning: thinking, events };
    },
  });
}

function toolResult(part: ToolPart): JsonRecord {
  return { role: 'tool', tool_name: part.name, content: resultText(part) };
}

function assistantMessages({ parts }: Message): JsonRecord[] {
  const messages: JsonRecord[] = [];
  let content = '';
  let thinking = '';
  let calls: ToolPart[] = [];

  function endTurn(): void {
    if (content !== '' || calls.length > 0) {
      messages.push(
        present({
          role: 'assistant',
          content,
          thinking: textOf(thinking),
          tool_calls: someOf(
            calls.map((call) => ({ function: { name: call.name, arguments: argsRecord(call) } })),
          ),
        }),
        ...calls.map(toolResult),
      );
    }
    content = '';
    thinking = '';
    calls = [];
  }

  for (const part of parts) {
    if (part.type === 'text' || part.type === 'reasoning') {
      // Words behind calls belong to the next turn, which has seen their results.
      if (calls.length > 0 && part.text !== '') endTurn();
      if (part.type === 'text') content += part.text;
      else thinking += part.text;
    } else if (isPageCall(part)) calls.push(part);
  }
  endTurn();
  return messages;
}

function encodeMessage(message: Message): JsonRecord[] {
  const { role } = message;
  if (role === 'assistant') return assistantMessages(message);
  if (role === 'tool') return toolParts(message).map(toolResult);
  return [present({ role, content: messageText(message), images: someOf(imagesOf(message)) })];
}

function encode({ model, system, messages, tools, body }: RunInput): JsonRecord {
  return present({
    model,
    messages: [...systemMessages(system), ...messages.flatMap(encodeMessage)],
    stream: true,
    tools: encodeTools(tools),
    ...body,
  });
}

/**
 * Ollama's own chat, `/api/chat`: JSON lines, the last with `done: true`. Calls arrive whole, their arguments are
 * objects. Of attachments it takes images, by their bytes.
 */
export const ollamaDialect: Dialect = {
  name: 'ollama',
  createDecoder: createChatDecoder,
  encode,
};

// The JavaScript SDKs as callers. One process holds every conversation and prints what
// the SDKs made of each answer, one JSON document for all.
//
//   node run.mjs BASE_URL KEY

import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const options = { apiKey, maxRetries: 0, timeout: 20_000 };
const openai = new OpenAI({ ...options, baseURL: `${baseURL}/v1` });
const anthropic = new Anthropic({ ...options, baseURL });
const google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: baseURL } });

// A stream that says that it is broken, where the SDK does not throw for it.
class BrokenError extends Error {}

function schema(...names) {
  const properties = Object.fromEntries(names.map((n) => [n, { type: "string" }]));
  return { type: "object", properties };
}

// A caller: `ask` gives a reading; `user`, `tool` and `results` write their part of a
// request. A turn may be a list of what a request holds.

const user = (content) => ({ role: "user", content });

const chat = {
  user,
  tool: (name, ...properties) => ({
    type: "function",
    function: { name, parameters: schema(...properties) },
  }),
  results: (answers) =>
    answers.map(([id, content]) => ({ role: "tool", tool_call_id: id, content })),

  async ask(mode, model, messages, { tools, thinking } = {}) {
    const wanted = { model, messages };
    if (tools) wanted.tools = tools;
    if (thinking) wanted.reasoning_effort = "low";
    if (mode !== "whole") wanted.stream_options = { include_usage: true };
    return chatReading(await chatAnswers[mode](wanted));
  },
};

const chatAnswers = {
  async whole(wanted) {
    const answer = await openai.chat.completions.create(wanted);
    const [choice] = answer.choices;
    return { ...choice, usage: answer.usage };
  },

  async stream(wanted) {
    const answer = await openai.chat.completions
      .stream({ ...wanted, stream: true })
      .finalChatCompletion();
    const [choice] = answer.choices;
    return { ...choice, usage: answer.usage };
  },

  async create(wanted) {
    const message = { role: "", content: null };
    let finish_reason = null;
    let usage = null;
    const stream = await openai.chat.completions.create({ ...wanted, stream: true });
    for await (const chunk of stream) {
      usage = chunk.usage ?? usage;
      for (const choice of chunk.choices) {
        addDelta(message, choice.delta);
        finish_reason = choice.finish_reason ?? finish_reason;
      }
    }
    return { message, finish_reason, usage };
  },
};

// Strings grow, objects merge, arrays merge by `index`: what most programs do.
function addDelta(into, delta) {
  for (const [key, value] of Object.entries(delta)) {
    if (value === null || value === undefined) continue;
    const known = into[key];
    if (Array.isArray(value)) {
      into[key] ??= [];
      for (const { index, ...entry } of value) {
        into[key][index] ??= {};
        addDelta(into[key][index], entry);
      }
    } else if (typeof value === "object") {
      into[key] ??= {};
      addDelta(into[key], value);
    } else {
      into[key] = typeof known === "string" ? known + value : value;
    }
  }
}

function chatReading({ message, finish_reason, usage }) {
  const calls = message.tool_calls ?? [];
  return {
    text: message.content ?? "",
    thinking: message.reasoning_content ?? "",
    calls: calls.map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    })),
    stop: finish_reason,
    tokens: usage && [
      usage.prompt_tokens,
      usage.prompt_tokens_details?.cached_tokens ?? 0,
      usage.completion_tokens,
    ],
    turn: message,
  };
}

const responses = {
  user,
  tool: (name, ...properties) => ({
    type: "function",
    name,
    parameters: schema(...properties),
    strict: false,
  }),
  results: (answers) =>
    answers.map(([call_id, output]) => ({
      type: "function_call_output",
      call_id,
      output,
    })),

  async ask(mode, model, messages, { tools, thinking } = {}) {
    const wanted = { model, input: messages.flat() };
    if (tools) wanted.tools = tools;
    if (thinking) {
      wanted.reasoning = { effort: "low", summary: "auto" };
      wanted.include = ["reasoning.encrypted_content"];
      wanted.store = false;
    }
    const answer = await responsesAnswers[mode](wanted);
    if (answer.status === "failed") throw new BrokenError(answer.error.message);
    return responsesReading(answer);
  },
};

const responsesAnswers = {
  whole: (wanted) => openai.responses.create(wanted),

  stream: (wanted) => openai.responses.stream(wanted).finalResponse(),

  async create(wanted) {
    let answer = null;
    const stream = await openai.responses.create({ ...wanted, stream: true });
    for await (const event of stream) {
      if (event.type === "error") throw new BrokenError(event.message);
      if (event.response?.status !== "in_progress") answer = event.response ?? answer;
    }
    if (!answer) throw new Error("no end");
    return answer;
  },
};

function responsesReading({ output, status, usage }) {
  const of = (type) => output.filter((item) => item.type === type);
  const calls = of("function_call");
  const texts = (parts) => parts.map((part) => part.text).join("");
  return {
    text: of("message").map((item) => texts(item.content)).join(""),
    thinking: of("reasoning").map((item) => texts(item.summary)).join(""),
    calls: calls.map((call) => ({
      id: call.call_id,
      name: call.name,
      arguments: JSON.parse(call.arguments),
    })),
    stop: calls.length && status === "completed" ? "calls" : status,
    tokens: [
      usage.input_tokens,
      usage.input_tokens_details.cached_tokens,
      usage.output_tokens,
    ],
    turn: output,
  };
}

const claude = {
  user,
  tool: (name, ...properties) => ({ name, input_schema: schema(...properties) }),
  results: (answers) => [
    {
      role: "user",
      content: answers.map(([id, content]) => ({
        type: "tool_result",
        tool_use_id: id,
        content,
      })),
    },
  ],

  async ask(mode, model, messages, { tools, thinking } = {}) {
    const wanted = { model, messages, max_tokens: 2048 };
    if (tools) wanted.tools = tools;
    if (thinking) wanted.thinking = { type: "enabled", budget_tokens: 1024 };
    return claudeReading(await claudeAnswers[mode](wanted));
  },
};

const claudeAnswers = {
  whole: (wanted) => anthropic.messages.create(wanted),

  stream: (wanted) => anthropic.messages.stream(wanted).finalMessage(),

  async create(wanted) {
    let message = null;
    let json = "";
    let stopped = false;
    const stream = await anthropic.messages.create({ ...wanted, stream: true });
    for await (const event of stream) {
      const block = message?.content[event.index];
      switch (event.type) {
        case "message_start":
          message = event.message;
          break;
        case "content_block_start":
          message.content[event.index] = { ...event.content_block };
          json = "";
          break;
        case "content_block_delta":
          if (event.delta.type === "text_delta") block.text += event.delta.text;
          if (event.delta.type === "thinking_delta")
            block.thinking += event.delta.thinking;
          if (event.delta.type === "signature_delta")
            block.signature = event.delta.signature;
          if (event.delta.type === "input_json_delta") json += event.delta.partial_json;
          break;
        case "content_block_stop":
          if (block.type === "tool_use") block.input = JSON.parse(json || "{}");
          break;
        case "message_delta":
          Object.assign(message, event.delta);
          Object.assign(message.usage, event.usage);
          break;
        case "message_stop":
          stopped = true;
      }
    }
    if (!stopped) throw new Error("no message_stop");
    return message;
  },
};

function claudeReading({ role, content, stop_reason, usage }) {
  const of = (type) => content.filter((block) => block.type === type);
  const cached = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  return {
    text: of("text").map((block) => block.text).join(""),
    thinking: of("thinking").map((block) => block.thinking).join(""),
    calls: of("tool_use").map(({ id, name, input }) => ({ id, name, arguments: input })),
    stop: stop_reason,
    tokens: [usage.input_tokens + cached + written, cached, usage.output_tokens],
    turn: { role, content },
  };
}

const gemini = {
  user: (text) => ({ role: "user", parts: [{ text }] }),
  tool: (name, ...properties) => ({
    functionDeclarations: [{ name, parametersJsonSchema: schema(...properties) }],
  }),
  results: (answers) => [
    {
      role: "user",
      parts: answers.map(([id, result, name]) => ({
        functionResponse: { ...(id[0] === "#" ? {} : { id }), name, response: { result } },
      })),
    },
  ],

  async ask(mode, model, messages, { tools, thinking } = {}) {
    const config = {};
    if (tools) config.tools = tools;
    if (thinking)
      config.thinkingConfig = { includeThoughts: true, thinkingBudget: 1024 };
    return geminiReading(await geminiAnswers[mode](model, messages.flat(), config));
  },
};

const geminiAnswers = {
  async whole(model, contents, config) {
    return [await google.models.generateContent({ model, contents, config })];
  },

  async create(model, contents, config) {
    return all(await google.models.generateContentStream({ model, contents, config }));
  },

  async stream(model, contents, config) {
    const history = contents.slice(0, -1);
    const chat = google.chats.create({ model, config, history });
    const { parts } = contents.at(-1);
    const chunks = await all(await chat.sendMessageStream({ message: parts }));
    chunks.turn = chat.getHistory(true).slice(contents.length);
    return chunks;
  },
};

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function geminiReading(chunks) {
  const candidates = chunks.map((chunk) => chunk.candidates[0]);
  const parts = candidates.flatMap((candidate) => candidate.content.parts);
  const texts = (thought) =>
    parts
      .filter((part) => part.text && Boolean(part.thought) === thought)
      .map((part) => part.text)
      .join("");
  const calls = parts.flatMap((part) => part.functionCall ?? []);
  const [stop, ...more] = candidates.flatMap(({ finishReason }) => finishReason ?? []);
  if (!stop || more.length) throw new Error("there is one finish reason");
  const usage = chunks.at(-1).usageMetadata;
  return {
    text: texts(false),
    thinking: texts(true),
    calls: calls.map((call, i) => ({
      id: call.id ?? `#${i}`,
      name: call.name,
      arguments: call.args,
    })),
    stop: calls.length && stop === "STOP" ? "calls" : stop,
    tokens: [
      usage.promptTokenCount,
      usage.cachedContentTokenCount ?? 0,
      usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0),
    ],
    turn: chunks.turn ?? { role: "model", parts },
  };
}

// Conversations: each gives its readings in order.

const conversations = {
  async text(caller, mode, model) {
    return [await caller.ask(mode, model, [caller.user("Hello?")])];
  },

  async tool(caller, mode, model) {
    const question = caller.user("Hello?");
    const tools = [caller.tool("get_time", "zone")];
    const first = await caller.ask(mode, model, [question], { tools });
    const said = first.calls.map((call) => [call.id, "noon", call.name]);
    const turns = [question, first.turn, ...caller.results(said)];
    return [first, await caller.ask(mode, model, turns, { tools })];
  },

  async tools(caller, mode, model) {
    const question = caller.user("Hello?");
    const tools = [caller.tool("get_weather", "city")];
    const first = await caller.ask(mode, model, [question], { tools });
    const weather = ["rain", "sun"];
    const said = first.calls.map((call, i) => [call.id, weather[i], call.name]);
    const turns = [question, first.turn, ...caller.results(said)];
    return [first, await caller.ask(mode, model, turns, { tools })];
  },

  async thinking(caller, mode, model) {
    const question = caller.user("Hello?");
    const first = await caller.ask(mode, model, [question], { thinking: true });
    const turns = [question, first.turn, caller.user("And again?")];
    return [first, await caller.ask(mode, model, turns, { thinking: true })];
  },

  // Failures: reported, never an answer.
  error: (caller, mode, model) => conversations.text(caller, mode, model),
  cut: (caller, mode, model) => conversations.text(caller, mode, model),
  429: (caller, mode, model) => conversations.text(caller, mode, model),
};

async function hold(name, caller, mode, model) {
  try {
    return { readings: await conversations[name](caller, mode, model) };
  } catch (error) {
    const kinds = [OpenAI.APIError, Anthropic.APIError, ApiError, BrokenError];
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    return { error: error.message, status: error.status ?? null };
  }
}

const results = {};
const callers = { chat, responses, claude, gemini };
for (const [callerName, caller] of Object.entries(callers)) {
  for (const upstream of Object.keys(callers)) {
    for (const mode of ["whole", "create", "stream"]) {
      for (const name of Object.keys(conversations)) {
        const id = `${callerName}-to-${upstream} ${mode} ${name}`;
        results[id] = await hold(name, caller, mode, `${upstream}/${name}`);
      }
    }
  }
}
console.log(JSON.stringify(results));

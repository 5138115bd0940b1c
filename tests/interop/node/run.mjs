// The JavaScript SDKs as callers. One process holds every conversation and prints what
// the SDKs made of each answer, one JSON document for all.
//
//   node run.mjs BASE_URL KEY

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const options = { apiKey, maxRetries: 0, timeout: 20_000 };
const openai = new OpenAI({ ...options, baseURL: `${baseURL}/v1` });
const anthropic = new Anthropic({ ...options, baseURL });

const QUESTION = { role: "user", content: "Hello?" };
const AGAIN = { role: "user", content: "And again?" };

function schema(...names) {
  const properties = Object.fromEntries(names.map((n) => [n, { type: "string" }]));
  return { type: "object", properties };
}

// A caller: `ask` gives a reading, `tool` and `results` write their part of a request.

const chat = {
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

const claude = {
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

// Conversations: each gives its readings in order.

const conversations = {
  async text(caller, mode, model) {
    return [await caller.ask(mode, model, [QUESTION])];
  },

  async tool(caller, mode, model) {
    const tools = [caller.tool("get_time", "zone")];
    const first = await caller.ask(mode, model, [QUESTION], { tools });
    const results = caller.results(first.calls.map((call) => [call.id, "noon"]));
    const turns = [QUESTION, first.turn, ...results];
    return [first, await caller.ask(mode, model, turns, { tools })];
  },

  async tools(caller, mode, model) {
    const tools = [caller.tool("get_weather", "city")];
    const first = await caller.ask(mode, model, [QUESTION], { tools });
    const said = ["rain", "sun"];
    const results = caller.results(first.calls.map((call, i) => [call.id, said[i]]));
    const turns = [QUESTION, first.turn, ...results];
    return [first, await caller.ask(mode, model, turns, { tools })];
  },

  async thinking(caller, mode, model) {
    const first = await caller.ask(mode, model, [QUESTION], { thinking: true });
    const turns = [QUESTION, first.turn, AGAIN];
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
    if (!(error instanceof OpenAI.APIError || error instanceof Anthropic.APIError))
      throw error;
    return { error: error.message, status: error.status ?? null };
  }
}

const results = {};
for (const [callerName, caller] of Object.entries({ chat, claude })) {
  for (const upstream of ["chat", "claude"]) {
    for (const mode of ["whole", "create", "stream"]) {
      for (const name of Object.keys(conversations)) {
        const id = `${callerName}-to-${upstream} ${mode} ${name}`;
        results[id] = await hold(name, caller, mode, `${upstream}/${name}`);
      }
    }
  }
}
console.log(JSON.stringify(results));

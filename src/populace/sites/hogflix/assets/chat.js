// The chat: a question goes out, and the answer is put below it.

import { capture } from "./analytics.js";

const form = document.getElementById("say"), lines = document.getElementById("lines");
const message = document.getElementById("message"), trouble = document.getElementById("trouble");
const openers = document.getElementById("openers");

function line(role, text, titles = []) {
  const item = document.createElement("li"), who = document.createElement("span"), said = document.createElement("p");
  item.className = role;
  who.className = "hidden";
  who.textContent = role === "user" ? "You:" : "FlixBuddy:";
  said.textContent = text;
  item.append(who, said);
  if (titles.length) {
    const named = document.createElement("p");
    named.className = "named";
    for (const one of titles) {
      const link = document.createElement("a");
      link.href = `/title/${encodeURIComponent(one.key)}`;
      link.textContent = one.title;
      link.addEventListener("click", () => capture("flixbuddy:video_clicked", { video_title: one.title }));
      named.append(link);
    }
    item.append(named);
  }
  lines.append(item);
  item.scrollIntoView({ block: "nearest" });
  return item;
}

async function ask() {
  const question = message.value.trim();
  if (!question) return;
  const fields = new URLSearchParams(new FormData(form));
  const asked = line("user", question);
  message.value = "";
  trouble.hidden = true;
  openers?.remove();
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "application/json" } }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (!answer?.ok || !said) {
    asked.remove();
    message.value = question;
    trouble.textContent = said?.what ? `${said.what}.` : "FlixBuddy is out of reach. Please try again.";
    trouble.hidden = false;
    return;
  }
  const conversation_id = said.conversationId;
  if (!form.elements.conversation.value) capture("flixbuddy:conversation_started", { conversation_id });
  form.elements.conversation.value = conversation_id;
  history.replaceState(null, "", "/flixbuddy");
  capture("flixbuddy:message_sent", { question, conversation_id });
  capture("flixbuddy:interaction", { question, conversation_id, latency: said.metadata.latency });
  const { model, tokens, cost, latency } = said.metadata;
  capture("$ai_generation", {
    $ai_model: model, $ai_input_tokens: tokens.input, $ai_output_tokens: tokens.output, $ai_total_cost_usd: cost.total,
    $ai_latency: latency / 1000, tokens: tokens.total, cost: cost.total, latency, conversation_id,
  });
  line("assistant", said.message, said.titles);
}

form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
openers?.addEventListener("click", (event) => {
  if (!event.target.matches("button")) return;
  message.value = event.target.textContent;
  ask();
});

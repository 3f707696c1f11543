// The widget's own words.

export type Language = "ru" | "en";

const ru = {
  open: "Открыть чат с помощником",
  close: "Свернуть чат",
  title: "Помощник",
  subtitle: "Отвечает программа",
  thread: "Сообщения",
  welcome: "Здравствуйте! Спросите о заказе, доставке, возврате или технике.",
  welcomeVisitor: "О своём заказе спросите после входа в аккаунт: так его не увидит никто другой.",
  placeholder: "Ваш вопрос",
  send: "Отправить",
  stop: "Остановить ответ",
  typing: "Помощник пишет",
  person: "Позвать человека",
  sources: "Источники",
  why: "Почему такой ответ",
  articles: "Из статей",
  facts: "Из ваших данных",
  noArticles: "Это готовый ответ магазина, статьи для него не нужны.",
  quoted: "Это дословная цитата из статьи.",
  without: "Ответить без моего профиля",
  withoutNote: "Ответ без имени и сведений о ваших заказах",
  copy: "Копировать",
  copied: "Скопировано",
  up: "Полезно",
  down: "Не помогло",
  reason: "Что было не так? Можно не отвечать",
  sendReason: "Отправить отзыв",
  thanks: "Спасибо за отзыв",
  sending: "Отправляется",
  sent: "Отправлено",
  failed: "Ответить не получилось.",
  again: "Повторить",
  offline: "Нет связи. Сообщения уйдут, когда она появится.",
  reconnecting: "Восстанавливаю связь…",
  tooFast: "Слишком много сообщений подряд. Отправлю через {seconds} с.",
  tooLong: "Сообщение слишком длинное: не больше {limit} знаков.",
  signedOut: "Вход истёк. Обновите страницу и войдите снова.",
  unavailable: "Чат сейчас недоступен. Попробуйте позже.",
  save: "Сохранить переписку",
  unread: "Новых сообщений: {count}",
  you: "Вы",
  assistant: "Помощник",
  newTab: "откроется в новой вкладке",
  dismiss: "Скрыть приглашение",
};

const en: typeof ru = {
  open: "Open the assistant's chat",
  close: "Minimise the chat",
  title: "Assistant",
  subtitle: "A program answers",
  thread: "Messages",
  welcome: "Hello! Ask about an order, delivery, returns or a device.",
  welcomeVisitor: "To ask about an order of yours, sign in first: that way nobody else can see it.",
  placeholder: "Your question",
  send: "Send",
  stop: "Stop the reply",
  typing: "The assistant is writing",
  person: "Talk to a person",
  sources: "Sources",
  why: "Why this answer",
  articles: "From the articles",
  facts: "From your data",
  noArticles: "This is one of the shop's fixed replies; no article was needed.",
  quoted: "This is quoted from the article word for word.",
  without: "Answer without my profile",
  withoutNote: "Answered without your name and orders",
  copy: "Copy",
  copied: "Copied",
  up: "Helpful",
  down: "Not helpful",
  reason: "What was wrong? You may leave this empty",
  sendReason: "Send feedback",
  thanks: "Thank you for the feedback",
  sending: "Sending",
  sent: "Sent",
  failed: "This could not be answered.",
  again: "Try again",
  offline: "You are offline. Messages go out when the connection is back.",
  reconnecting: "Reconnecting…",
  tooFast: "That was fast. I'll send it in {seconds} s.",
  tooLong: "The message is too long: {limit} characters at most.",
  signedOut: "Your sign-in has expired. Reload the page and sign in again.",
  unavailable: "The chat is not available right now. Please try later.",
  save: "Save the conversation",
  unread: "New messages: {count}",
  you: "You",
  assistant: "Assistant",
  newTab: "opens in a new tab",
  dismiss: "Hide the invitation",
};

export type Texts = typeof ru;
const texts: Record<Language, Texts> = { ru, en };

export function textsIn(language: Language): Texts {
  return texts[language];
}

/** A text with its {places} filled. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

// The only file that knows the daemon's addresses. Requests carry the token; a daemon that does not
// answer is asked again in the background until it does.

import { pathOfName } from './lib/address';
import { readEvents, type ServerEvent } from './lib/sse';
import { session } from './session.svelte';
import type * as T from './types';

const kBase = '/v1/saerok';
const kRetryMs = [300, 600, 1200, 2500];

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

type Parameters = Record<string, string | number | boolean | undefined>;

interface Options {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  parameters?: Parameters;
  body?: unknown;
  signal?: AbortSignal | undefined;
  accept?: string;
}

function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  return query.size > 0 ? `${kBase}${path}?${query}` : kBase + path;
}

async function send(path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: options.accept ?? 'application/json' };
  if (session.token) headers['Authorization'] = `Bearer ${session.token}`;
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(address(path, options.parameters), {
      method: options.method ?? 'GET',
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
      credentials: 'omit',
      redirect: 'error',
    });
  } catch (error) {
    if (isAborted(error)) throw error;
    lose();
    throw new ApiError('disconnected', 0, '');
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && path !== '/session') lock('refused');
  throw problem;
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<T.Problem>;
  const message = problem.detail || problem.title || response.statusText || String(response.status);
  return new ApiError(problem.code ?? 'internal', response.status, message);
}

async function json<Result>(path: string, options?: Options): Promise<Result> {
  const response = await send(path, options);
  try {
    return (await response.json()) as Result;
  } catch (error) {
    if (isAborted(error)) throw error;
    lose();
    throw new ApiError('disconnected', 0, '');
  }
}

async function* events(path: string, options: Options): AsyncGenerator<ServerEvent> {
  const response = await send(path, { ...options, accept: 'text/event-stream' });
  try {
    yield* readEvents(response.body!);
  } catch (error) {
    if (isAborted(error)) throw error;
    lose();
    throw new ApiError('disconnected', 0, '');
  }
}

// The connection.

let isWaiting = false;

function lose(): void {
  session.isConnected = false;
  if (!isWaiting) void waitForDaemon();
}

async function health(): Promise<{ version: string; auth: boolean } | null> {
  try {
    const response = await fetch('/healthz', { credentials: 'omit' });
    return response.ok ? ((await response.json()) as { version: string; auth: boolean }) : null;
  } catch {
    return null;
  }
}

async function waitForDaemon(): Promise<void> {
  isWaiting = true;
  for (let attempt = 0; ; ++attempt) {
    const state = await health();
    if (state) {
      isWaiting = false;
      session.isConnected = true;
      session.isOpenToAll = !state.auth;
      session.version = state.version;
      ++session.generation;
      if (!state.auth || session.token) session.state = 'ready';
      else if (session.state === 'starting') lock('none');
      return;
    }
    await new Promise((done) => setTimeout(done, kRetryMs[Math.min(attempt, kRetryMs.length - 1)]));
  }
}

// The token.

function lock(reason: typeof session.lockReason): void {
  session.token = null;
  session.lockReason = reason;
  session.state = 'locked';
}

/** Called once, and again when a new link is opened in a tab that shows the page. */
export async function openSession(code: string | null): Promise<void> {
  if (code !== null) {
    try {
      const answer = await json<{ token: string }>('/session', { method: 'POST', body: { code } });
      session.token = answer.token;
      session.lockReason = 'none';
    } catch (error) {
      // An old link opened again is no reason to forget a token that works.
      if (error instanceof ApiError && error.status === 401) session.lockReason = 'used_link';
    }
  }
  const state = await health();
  if (!state) return lose();
  session.isOpenToAll = !state.auth;
  session.version = state.version;
  if (state.auth && !session.token) return lock(session.lockReason);
  session.state = 'ready';
}

export async function useToken(token: string): Promise<boolean> {
  session.token = token;
  try {
    await json('/status');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
  }
  session.lockReason = 'none';
  session.state = 'ready';
  return true;
}

/** Another tab got or lost the token. */
export function adoptToken(): void {
  if (session.token && session.state === 'locked') session.state = 'ready';
  else if (!session.token && !session.isOpenToAll && session.state === 'ready') lock('none');
}

// Reading.

export const getStatus = (signal?: AbortSignal) => json<T.Status>('/status', { signal });
export const getModels = () => json<T.ModelList>('/models');

/** By POST: a query may be longer than a header, and has no business in an address. */
export const search = (request: T.SearchRequest, signal?: AbortSignal) =>
  json<T.SearchResult>('/search', { method: 'POST', body: request, signal });

export function getDocument(
  collection: string,
  place: Pick<T.Place, 'root' | 'path' | 'document_id'>,
  signal?: AbortSignal,
): Promise<T.NoteDocument> {
  const { root, path, document_id } = place;
  return json('/document', { parameters: { collection, root, path, document_id }, signal });
}

export function getSources(
  parameters: {
    collection: string;
    state: T.FileState | '';
    query: string;
    offset: number;
    limit: number;
  },
  signal?: AbortSignal,
): Promise<{ sources: T.Source[]; total: number }> {
  return json('/sources', { parameters, signal });
}

// Asking.

export async function* ask(request: T.AskRequest, signal: AbortSignal): AsyncGenerator<T.AskEvent> {
  for await (const event of events('/ask', { method: 'POST', body: request, signal })) {
    const data = JSON.parse(event.data) as never;
    if (event.name === 'sources')
      yield { name: 'sources', sources: (data as { sources: T.Hit[] }).sources };
    else if (event.name === 'reading')
      yield { name: 'reading', ...(data as { read: number; total: number }) };
    else if (event.name === 'text') yield { name: 'text', text: (data as { text: string }).text };
    else if (event.name === 'answer') return yield { name: 'answer', answer: data as T.AskResult };
    else if (event.name === 'error') throwProblem(data);
  }
  // The stream ended without its last event: the daemon went away in the middle.
  lose();
  throw new ApiError('disconnected', 0, '');
}

function throwProblem(problem: T.Problem): never {
  throw new ApiError(problem.code, problem.status, problem.detail || problem.title);
}

export async function getConversations(collection: string): Promise<T.ConversationSummary[]> {
  const parameters = { collection };
  return (await json<{ conversations: T.ConversationSummary[] }>('/conversations', { parameters }))
    .conversations;
}

export async function getConversation(collection: string, id: number): Promise<T.StoredTurn[]> {
  const parameters = { collection };
  return (await json<{ turns: T.StoredTurn[] }>(`/conversations/${id}`, { parameters })).turns;
}

export async function deleteConversation(collection: string, id: number): Promise<void> {
  await send(`/conversations/${id}`, { method: 'DELETE', parameters: { collection } });
}

// Judging.

export async function addLabel(
  collection: string,
  label: Omit<T.Label, 'id' | 'created_s'>,
): Promise<number> {
  const body = { collection, ...label };
  return (await json<{ id: number }>('/labels', { method: 'POST', body })).id;
}

export async function deleteLabel(collection: string, id: number): Promise<void> {
  await send(`/labels/${id}`, { method: 'DELETE', parameters: { collection } });
}

// Changing the library.

export async function forgetSource(collection: string, path: string): Promise<void> {
  await send('/sources/forget', { method: 'POST', body: { collection, path } });
}

export async function forgetCollection(name: string): Promise<void> {
  const path = pathOfName(name);
  if (path === null) {
    const how = `a browser cannot name the collection ${name}; \`saerok forget --collection\` does`;
    throw new ApiError('invalid_argument', 0, how);
  }
  await send(`/collections/${path}`, { method: 'DELETE' });
}

export function startIndexing(collection: string, rebuild: boolean): Promise<T.Job> {
  return json('/jobs', {
    method: 'POST',
    body: { kind: 'index', collection, rebuild, embed: true },
  });
}

export async function getJobs(): Promise<T.Job[]> {
  return (await json<{ jobs: T.Job[] }>('/jobs')).jobs;
}

export async function stopJob(id: number): Promise<void> {
  await send(`/jobs/${id}`, { method: 'DELETE' });
}

export async function* followJob(id: number, signal: AbortSignal): AsyncGenerator<T.Job> {
  for await (const event of events(`/jobs/${id}/events`, { signal })) {
    if (event.name === 'job') yield JSON.parse(event.data) as T.Job;
  }
}

export async function getSettings(): Promise<T.Setting[]> {
  return (await json<{ settings: T.Setting[] }>('/settings')).settings;
}

/** null puts a setting back to its default. */
export async function changeSettings(
  changes: Record<string, string | number | null>,
): Promise<T.Setting[]> {
  return (await json<{ settings: T.Setting[] }>('/settings', { method: 'PATCH', body: changes }))
    .settings;
}

// The lab.

export const getBoard = () => json<T.Board>('/lab/board');
export const getLabRun = (run: string) => json<T.LabRun>(`/lab/runs/${encodeURIComponent(run)}`);
export async function getRunTopics(run: string): Promise<T.RunTopic[]> {
  return (await json<{ topics: T.RunTopic[] }>(`/lab/runs/${encodeURIComponent(run)}/topics`))
    .topics;
}
export const compareRuns = (baseline: string, candidate: string) =>
  json<T.Comparison>('/lab/compare', { parameters: { baseline, candidate } });

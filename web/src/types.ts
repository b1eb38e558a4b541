// The shapes of the HTTP interface, as docs/schema has them. Nothing here is checked at run time: the
// page and the daemon are built from one tree.

/** Half-open range of UTF-8 bytes. */
export type ByteRange = [number, number];

export interface Explanation {
  label: string;
  value: number;
  children: Explanation[];
}

export type Attribute = [name: string, value: string | number | boolean];

/** Where a passage stands; enough to open it. */
export interface Place {
  root: string;
  path: string;
  document_id: string;
  bytes: ByteRange;
}

export interface Hit extends Place {
  rank: number;
  score: number;
  title: string;
  heading_path: string[];
  lines: [number, number];
  snippet: string;
  highlights: ByteRange[];
  explanation: Explanation | null;
  attributes: Attribute[];
}

export interface Stage {
  name: string;
  ms: number;
  in: number;
  out: number;
}

export interface Report {
  stages: Stage[];
  warnings: string[];
}

export type SearchMode = 'auto' | 'lexical' | 'vector' | 'hybrid';

export interface SearchRequest {
  query: string;
  mode: SearchMode;
  filter: string;
  limit: number;
  collection: string;
  explain?: boolean;
  as_you_type?: boolean;
  correct?: boolean;
}

export interface SearchResult {
  query: string;
  /** The query with its corrections; empty if there were none. */
  searched_for: string;
  mode: Exclude<SearchMode, 'auto'>;
  hits: Hit[];
  report: Report;
}

export interface Citation extends Place {
  marker: number;
  heading_path: string[];
  lines: [number, number];
  quote: string;
}

export interface Unsupported {
  text: string;
  span: ByteRange;
  support: number;
}

export interface ProposedFilter {
  words: string;
  filter: string;
  is_applied: boolean;
}

export interface AskResult {
  decision: 'search' | 'answer' | 'clarify';
  decided_by: 'gate' | 'model' | 'nothing';
  search_probability: number;
  decision_explanation: Explanation | null;
  standalone_query: string;
  expansions: { text: string; weight: number; use: 'words' | 'vectors' | 'both' }[];
  proposed_filters: ProposedFilter[];
  answer: string;
  kind: 'extractive' | 'model';
  found: boolean;
  citations: Citation[];
  citations_dropped: number;
  unsupported: Unsupported[];
  sources: Hit[];
  hits: Hit[];
  model: string | null;
  prompt_hash: string | null;
  model_use: {
    requests: number;
    prompt_tokens: number;
    prompt_tokens_kept: number;
    generated_tokens: number;
    cost: number;
  };
  conversation_id: number | null;
  not_remembered?: Problem;
  report: Report;
}

export type SearchDecision = 'auto' | 'always' | 'never';

export interface Turn {
  role: 'user' | 'assistant';
  content: string;
}

export interface AskRequest {
  question: string;
  conversation: Turn[];
  conversation_id: number | null;
  remember: boolean;
  collection: string;
  filter: string;
  explain: boolean;
  search: SearchDecision;
  replaces_turn?: number;
  standalone_query?: string;
}

export type AskEvent =
  | { name: 'sources'; sources: Hit[] }
  | { name: 'reading'; read: number; total: number }
  | { name: 'text'; text: string }
  | { name: 'answer'; answer: AskResult };

export interface ConversationSummary {
  id: number;
  title: string;
  created_s: number;
  changed_s: number;
  turns: number;
}

export interface StoredTurn extends Turn {
  created_s: number;
  standalone_query?: string;
  model?: string | null;
  citations?: Citation[];
}

export type FileState = 'indexed' | 'partial' | 'failed' | 'skipped';

export interface FileTrouble {
  root: string;
  path: string;
  reason: string;
}

/** Vectors of one kind that a question's vector is compared with. */
export interface VectorSpace {
  tier: 'chunks' | 'windows';
  embedder: string;
  dimension: number;
  chunks: number;
  bytes: number;
}

export interface Collection {
  name: string;
  roots: string[];
  named_roots: string[];
  files: Record<FileState, number>;
  documents: number;
  chunks: number;
  segments: number;
  lexical_bytes: number;
  vector_bytes: number;
  pending: { lexical: number; chunk_vectors: number; window_vectors: number };
  analyzer: string;
  embedder: string;
  dimension: number;
  spaces: VectorSpace[];
  failed: FileTrouble[];
  skipped: FileTrouble[];
}

export interface ModelState {
  name: string;
  state: 'none' | 'ready' | 'failed';
  reason: string;
}

export interface Status {
  store: string;
  store_bytes: number;
  collections: Collection[];
  daemon?: {
    version: string;
    pid: number;
    uptime_s: number;
    auth: boolean;
    port: number;
    watching: string[];
    watch_problem?: string;
    resident_bytes: number;
    indexing: boolean;
  };
  models?: { chat: ModelState; embed: ModelState; rerank: ModelState };
}

export interface Source {
  root: string;
  path: string;
  state: FileState;
  reason: string;
  size: number;
  modified_ns: number;
}

export interface DocumentChunk {
  ordinal: number;
  heading_path: string[];
  lines: [number, number];
  bytes: ByteRange;
  text: string;
}

export interface NoteDocument {
  root: string;
  path: string;
  document_id: string;
  title: string;
  attributes: Attribute[];
  chunks: DocumentChunk[];
  is_truncated: boolean;
}

export interface Problem {
  title: string;
  status: number;
  code: string;
  detail: string;
}

export interface IndexReport {
  files: { seen: number; unchanged: number; indexed: number; renamed: number; removed: number };
  documents: { written: number; removed: number };
  chunks: number;
  failed: FileTrouble[];
  skipped: FileTrouble[];
  warnings: string[];
}

export interface Job {
  id: number;
  kind: string;
  collection: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  stage: string;
  done: number;
  total: number;
  unit: string;
  created_s: number;
  finished_s: number | null;
  error: Problem | null;
  report: IndexReport | null;
}

export interface Setting {
  name: string;
  value: string | number;
  default: string | number;
  kind: 'integer' | 'real' | 'choice' | 'text' | 'secret';
  min?: number | null;
  max?: number | null;
  choices?: string[] | null;
  help: string;
  source: string;
  is_changed: boolean;
  applies: 'now' | 'rebuild' | 'restart';
}

export interface ModelEntry {
  name: string;
  file: string;
  kind: string;
  sha256: string;
  size: number;
  license: string;
  source: string;
}

export interface ModelList {
  directory: string;
  models: ModelEntry[];
  recommended_chat: { name: string; license: string; size_gb: number; note: string }[];
}

export type Grade = 0 | 1 | 2;

export interface Label extends Place {
  id: number;
  question: string;
  quote: string;
  grade: Grade;
  created_s: number;
}

export interface BoardRun {
  run: string;
  dataset: string;
  dataset_hash: string;
  split: string;
  questions: number;
  labels: number;
  documents: number;
  is_complete: boolean;
  is_on_frontier: boolean;
  metrics: { metric: string; mean: number; low: number; high: number; topics: number }[];
  latency_ms: { p50: number; p95: number; p99: number };
  index_bytes: number;
  peak_memory_bytes: number;
  differences: Record<string, string>;
  notes: { written: string; text: string }[];
  version: string;
  started: string;
}

export interface Board {
  quality: string;
  metrics: string[];
  runs: BoardRun[];
  warnings: string[];
}

export interface Comparison {
  dataset: string;
  baseline: string;
  runs: { run: string; changed: Record<string, string>; topics_left_out: number }[];
  topics: number;
  metrics: {
    metric: string;
    topics: number;
    baseline_mean: number;
    runs: {
      run: string;
      mean: number;
      difference: number;
      interval: [number, number];
      p: number;
      p_corrected: number;
      wins: number;
      losses: number;
      ties: number;
      verdict: 'better' | 'worse' | 'unclear' | 'equal';
      sentence: string;
    }[];
  }[];
  moved: {
    topic: string;
    difference: number;
    runs: {
      run: string;
      query: string;
      value: number;
      hits: { document: string; score: number }[];
    }[];
  }[];
  warnings: string[];
}

export interface LabRun {
  metrics: { metric: string; mean: number; low: number; high: number; topics: number }[];
  /** How often each decision was made where each was right, of a run over conversations. */
  decisions?: {
    classes: string[];
    counts: number[][];
    scores: Record<string, { precision: number; recall: number; f1: number }>;
    macro_f1: number;
    micro_f1: number;
  };
}

export interface RunTopic {
  topic: string;
  group: string;
  metrics: Record<string, number>;
}

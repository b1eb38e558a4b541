#include "ingest/extract.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/code_points.h"
#include "base/compress.h"
#include "ingest/decode.h"
#include "ingest/document_facts.h"
#include "ingest/extract_kinds.h"

namespace saerok {
namespace {

struct KindRow {
  std::string_view extension;
  FileKind kind;
};
constexpr std::array kKinds = std::to_array<KindRow>({
    {"md", FileKind::markdown},
    {"markdown", FileKind::markdown},
    {"mdx", FileKind::markdown},
    {"mkd", FileKind::markdown},
    {"mdown", FileKind::markdown},
    {"qmd", FileKind::markdown},
    {"rmd", FileKind::markdown},
    {"jsonl", FileKind::jsonl},
    {"ndjson", FileKind::jsonl},
});

/// Read as plain text: prose mark-ups, tables, configuration and source code. A file without an
/// extension is one too; the decoder says so if it is binary.
constexpr std::array kTextExtensions = std::to_array<std::string_view>({
    "",     "txt",     "text",  "log",   "rst",  "org",    "adoc",       "asciidoc", "tex",
    "bib",  "csv",     "tsv",   "me",    "srt",  "vtt",    "diff",       "patch",    "po",
    "c",    "h",       "cc",    "cpp",   "cxx",  "hh",     "hpp",        "hxx",      "cs",
    "go",   "rs",      "java",  "kt",    "kts",  "scala",  "swift",      "m",        "mm",
    "py",   "pyi",     "rb",    "pl",    "pm",   "php",    "lua",        "r",        "jl",
    "hs",   "ml",      "mli",   "clj",   "cljs", "lisp",   "el",         "scm",      "ex",
    "exs",  "erl",     "dart",  "zig",   "nim",  "v",      "vhd",        "asm",      "s",
    "js",   "mjs",     "cjs",   "jsx",   "ts",   "tsx",    "vue",        "svelte",   "css",
    "scss", "less",    "sh",    "bash",  "zsh",  "fish",   "ps1",        "bat",      "cmd",
    "sql",  "graphql", "proto", "cmake", "mk",   "gradle", "groovy",     "tf",       "nix",
    "yaml", "yml",     "toml",  "ini",   "conf", "cfg",    "properties", "env",      "plantuml",
    "puml", "dot",     "mmd",   "vim",   "awk",  "sed",    "ledger",     "journal",  "todo",
});

struct ReasonRow {
  std::string_view what;
  std::string_view extensions;  ///< Between blanks.
};
constexpr std::array kNotRead = std::to_array<ReasonRow>({
    {"PDF files are not read yet", " pdf "},
    {"word processor files are not read yet", " doc docx odt rtf pages hwp hwpx "},
    {"spreadsheets are not read yet; save it as CSV", " xls xlsx ods numbers "},
    {"presentations are not read yet", " ppt pptx odp key "},
    {"HTML pages are not read yet", " html htm xhtml mhtml "},
    {"JSON files are not read, only JSON Lines (.jsonl), one record a line", " json json5 canvas "},
    {"XML files are not read yet", " xml opml "},
    {"calendars and address books are not read yet", " ics vcf "},
    {"mail files are not read yet", " eml mbox msg "},
    {"e-books are not read yet", " epub mobi azw3 djvu "},
    {"notebooks are not read yet", " ipynb "},
    {"it is an image", " png jpg jpeg gif webp svg bmp tif tiff heic heif ico avif psd "},
    {"it is a sound file", " mp3 wav flac ogg m4a aac opus "},
    {"it is a video", " mp4 mov avi mkv webm m4v "},
    {"it is an archive; unpack it first", " zip tar 7z rar tgz xz bz2 jar "},
    {"it is a program or library", " exe dll so a o dylib class pyc wasm bin "},
    {"it is a database", " db sqlite sqlite3 mdb parquet "},
    {"it is a font", " ttf otf woff woff2 "},
});

Error not_read(std::string_view path) {
  const std::string extension = name_parts(path).extension;
  const std::string wanted = " " + extension + " ";
  for (const ReasonRow& row : kNotRead) {
    if (row.extensions.find(wanted) != std::string_view::npos) {
      return {ErrorCode::invalid_argument, std::string(row.what)};
    }
  }
  return {ErrorCode::invalid_argument,
          "files of kind ." + extension + " are not read; if it is text, rename it to .txt"};
}

void note_decoding(const DecodedText& decoded, NoteTaker& notes) {
  if (decoded.encoding() != "UTF-8") notes.add("read as " + decoded.encoding());
  if (decoded.invalid_count() > 0) {
    const bool is_one = decoded.invalid_count() == 1;
    notes.add(std::to_string(decoded.invalid_count()) +
              (is_one ? " invalid byte replaced" : " invalid bytes replaced"));
  }
  if (!decoded.is_exact()) {
    notes.add("large and not UTF-8 in NFC: places in the second part are exact to the line only");
  }
}

Status extract_decoded(std::string_view path, const DecodedText& decoded, const DocumentSink& sink,
                       ExtractNotes& notes, NoteTaker& taker, const CallContext& call) {
  switch (kind_of(path)) {
    case FileKind::markdown: return sink(TRY(extract_markdown(path, decoded, taker, call)));
    case FileKind::plain_text: return sink(TRY(extract_text(path, decoded)));
    case FileKind::jsonl:
      return extract_jsonl(path, decoded.text(), sink, taker, notes.records_skipped, call);
    case FileKind::unknown: break;
  }
  return not_read(path);
}

}  // namespace

void NoteTaker::add(std::string note) {
  if (notes_.notes.size() < kNotesMax) {
    notes_.notes.push_back(std::move(note));
    return;
  }
  // The last place is for the count; the note that stood there is one of those left out.
  left_out_ += left_out_ == 0 ? 2 : 1;
  notes_.notes.back() = "and " + std::to_string(left_out_) + " more notes";
}

FileKind kind_of(std::string_view path) {
  const std::string extension = name_parts(path).extension;
  const auto* row = std::ranges::find(kKinds, extension, &KindRow::extension);
  if (row != kKinds.end()) return row->kind;
  const bool is_text = std::ranges::find(kTextExtensions, extension) != kTextExtensions.end();
  return is_text ? FileKind::plain_text : FileKind::unknown;
}

Status extract(std::string_view path, std::string_view bytes, std::uint64_t decoded_bytes_max,
               const DocumentSink& sink, ExtractNotes& notes, const CallContext& call) {
  TRY(call.check());
  if (kind_of(path) == FileKind::unknown) return not_read(path);
  NoteTaker taker(notes);
  Decompressed unpacked;
  if (const Compression compression = compression_of(path); compression != Compression::none) {
    unpacked = TRY(decompress(compression, bytes, decoded_bytes_max, call));
    bytes = unpacked.bytes;
    if (unpacked.trailing_bytes > 0) {
      taker.add(std::to_string(unpacked.trailing_bytes) +
                " bytes after the compressed data are no part of it and were left out");
    }
  } else if (bytes.size() > decoded_bytes_max) {
    return Error{ErrorCode::invalid_argument,
                 "it is larger than " + std::to_string(decoded_bytes_max) +
                     " bytes; raise index.file_bytes_max if it should be read"};
  }
  const DecodedText decoded = TRY(decode_text(bytes));
  note_decoding(decoded, taker);
  return extract_decoded(path, decoded, sink, notes, taker, call);
}

}  // namespace saerok

//! tantivy's side of lexical_peers; the arguments and the output are those of ../../../lexical_peer.cpp.
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::NoMergePolicy;
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions, FAST};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term};

type Error = Box<dyn std::error::Error>;
type Hits = Vec<(u64, f32)>;

const PASSES: usize = 5;
const WARM_UP: Duration = Duration::from_secs(3);
const MEMORY_BYTES: usize = 1 << 30;

fn tokenizer(index: &Index) {
    let analyzer = TextAnalyzer::builder(WhitespaceTokenizer::default()).build();
    index.tokenizers().register("tokens", analyzer);
}

fn build(folder: &str, tokens: &str, positions: bool) -> Result<(), Error> {
    let started = Instant::now();
    let option = if positions {
        IndexRecordOption::WithFreqsAndPositions
    } else {
        IndexRecordOption::WithFreqs
    };
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("tokens")
        .set_index_option(option);
    let mut schema = Schema::builder();
    let body = schema.add_text_field(
        "body",
        TextOptions::default().set_indexing_options(indexing),
    );
    // Segments may be merged in another order than they were written in.
    let number = schema.add_u64_field("number", FAST);
    fs::create_dir_all(folder)?;
    let index = Index::create_in_dir(folder, schema.build())?;
    tokenizer(&index);
    let mut writer: IndexWriter = index.writer_with_num_threads(1, MEMORY_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let mut count = 0u64;
    for line in BufReader::new(fs::File::open(tokens)?).lines() {
        let mut document = TantivyDocument::default();
        document.add_text(body, line?);
        document.add_u64(number, count);
        writer.add_document(document)?;
        count += 1;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()?;
    let seconds = started.elapsed().as_secs_f64();
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        bytes += file?.metadata()?.len();
    }
    println!(
        "{{\"engine\": \"tantivy\", \"version\": \"{}\", \"documents\": {count}, \
         \"seconds\": {seconds:.3}, \"bytes\": {bytes}}}",
        tantivy::version_string()
    );
    Ok(())
}

fn query(kind: &str, line: &str, body: Field) -> Box<dyn Query> {
    let terms: Vec<Term> = line
        .split(' ')
        .map(|word| Term::from_field_text(body, word))
        .collect();
    if kind == "phrase" {
        return Box::new(PhraseQuery::new(terms));
    }
    let occur = if kind == "or" {
        Occur::Should
    } else {
        Occur::Must
    };
    let record = if kind == "count" {
        IndexRecordOption::Basic
    } else {
        IndexRecordOption::WithFreqs
    };
    let clause = |term| {
        (
            occur,
            Box::new(TermQuery::new(term, record)) as Box<dyn Query>,
        )
    };
    Box::new(BooleanQuery::new(terms.into_iter().map(clause).collect()))
}

fn run(searcher: &Searcher, body: Field, kind: &str, k: usize, line: &str) -> Result<Hits, Error> {
    let query = query(kind, line, body);
    if kind == "count" {
        return Ok(vec![(searcher.search(&query, &Count)? as u64, 0.0)]);
    }
    let hits = searcher.search(&query, &TopDocs::with_limit(k).order_by_score())?;
    Ok(hits
        .into_iter()
        .map(|(score, address)| (u64::from(address.doc_id), score))
        .collect())
}

fn measure(
    searcher: &Searcher,
    body: Field,
    task: &str,
    queries: &str,
    results: &str,
) -> Result<String, Error> {
    let kind = task.trim_end_matches(|c: char| c.is_ascii_digit());
    let k = task[kind.len()..].parse().unwrap_or(0);
    let text = fs::read_to_string(format!("{queries}.{kind}"))?;
    let lines: Vec<&str> = text.lines().collect();
    let began = Instant::now();
    while began.elapsed() < WARM_UP {
        for line in &lines {
            run(searcher, body, kind, k, line)?;
        }
    }
    let mut us = vec![f64::MAX; lines.len()];
    let mut found = Vec::new();
    for pass in 0..PASSES {
        for (line, fastest) in lines.iter().zip(us.iter_mut()) {
            let started = Instant::now();
            let hits = run(searcher, body, kind, k, line)?;
            *fastest = fastest.min(started.elapsed().as_secs_f64() * 1e6);
            if pass == 0 {
                found.push(hits);
            }
        }
    }
    let number = searcher.segment_reader(0).fast_fields().u64("number")?;
    let mut out = String::new();
    for hits in &found {
        for (id, score) in hits {
            let id = if kind == "count" {
                *id
            } else {
                number.first(*id as u32).unwrap_or(0)
            };
            write!(out, "{id}:{score} ")?;
        }
        out.push('\n');
    }
    fs::write(format!("{results}.{task}"), out)?;
    us.sort_by(f64::total_cmp);
    let mean = us.iter().sum::<f64>() / us.len() as f64;
    Ok(format!(
        "\"{task}\": {{\"queries\": {}, \"mean\": {mean:.2}, \"p50\": {:.2}, \"p99\": {:.2}}}",
        us.len(),
        us[us.len() / 2],
        us[us.len() * 99 / 100]
    ))
}

fn search(folder: &str, queries: &str, results: &str, tasks: &str) -> Result<(), Error> {
    let index = Index::open_in_dir(folder)?;
    tokenizer(&index);
    let body = index.schema().get_field("body")?;
    let searcher = index.reader()?.searcher();
    if searcher.segment_readers().len() != 1 {
        return Err("the index has more than one segment".into());
    }
    let mut measured = Vec::new();
    for task in tasks.split(',').filter(|task| !task.contains("filter")) {
        measured.push(measure(&searcher, body, task, queries, results)?);
    }
    println!(
        "{{\"engine\": \"tantivy\", \"tasks\": {{{}}}}}",
        measured.join(", ")
    );
    Ok(())
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["build", folder, tokens, mode] => build(folder, tokens, mode == "positions"),
        ["search", folder, queries, results, tasks] => search(folder, queries, results, tasks),
        _ => Err("usage: build INDEX TOKENS MODE | search INDEX QUERIES RESULTS TASKS".into()),
    }
}

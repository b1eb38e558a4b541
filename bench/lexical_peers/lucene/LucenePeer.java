// Lucene's side of lexical_peers; the arguments and the output are those of ../../lexical_peer.cpp.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.ConstantScoreScorerSupplier;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.Weight;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.Version;

public final class LucenePeer {
  private static final String FIELD = "body";
  private static final int PASSES = 5;
  private static final double WARM_UP_SECONDS = 5;  // Twice: the JIT needs longer than the caches do.

  /** Terms between single spaces: the cheapest stream that there is. */
  private static final class Tokens extends TokenStream {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private String line = "";
    private int next;

    void set(String line) {
      this.line = line;
    }

    @Override
    public void reset() {
      next = 0;
    }

    @Override
    public boolean incrementToken() {
      if (next >= line.length()) return false;
      clearAttributes();
      int end = line.indexOf(' ', next);
      if (end < 0) end = line.length();
      term.append(line, next, end);
      next = end + 1;
      return true;
    }
  }

  /** Some of the documents of an index of one segment, as a set of bits that is ready-made. */
  private static final class Passing extends Query {
    private final FixedBitSet documents;

    /** The same as in lexical_peer.cpp. */
    Passing(int documentCount, int percent) {
      documents = new FixedBitSet(documentCount);
      for (int document = 0; document < documentCount; ++document) {
        long hash = Integer.toUnsignedLong(document * (int) 2_654_435_769L);
        if (hash * 100 >>> 32 < percent) documents.set(document);
      }
    }

    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
      int cardinality = documents.cardinality();
      return new ConstantScoreWeight(this, boost) {
        @Override
        public ScorerSupplier scorerSupplier(LeafReaderContext context) {
          return ConstantScoreScorerSupplier.fromIterator(
              new BitSetIterator(documents, cardinality), score(), mode, documents.length());
        }

        @Override
        public boolean isCacheable(LeafReaderContext context) {
          return false;
        }
      };
    }

    @Override
    public String toString(String field) {
      return "passing";
    }

    @Override
    public void visit(QueryVisitor visitor) {
      visitor.visitLeaf(this);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** What a task's name says: or10, or10_filter1, count, … */
  private record Task(String name, String kind, int k, Query filter) {
    static Task of(String name, int documentCount) {
      String[] parts = name.split("_filter");
      String digits = parts[0].replaceAll("[^0-9]", "");
      return new Task(
          name,
          parts[0].replaceAll("[0-9]", ""),
          digits.isEmpty() ? 0 : Integer.parseInt(digits),
          parts.length < 2 ? null : new Passing(documentCount, Integer.parseInt(parts[1])));
    }
  }

  private static void build(Path index, Path tokens, boolean positions) throws IOException {
    long begin = System.nanoTime();
    FieldType type = new FieldType();
    type.setTokenized(true);
    type.setIndexOptions(
        positions ? IndexOptions.DOCS_AND_FREQS_AND_POSITIONS : IndexOptions.DOCS_AND_FREQS);
    type.freeze();
    IndexWriterConfig config = new IndexWriterConfig((Analyzer) null);
    config.setRAMBufferSizeMB(1024);
    config.setSimilarity(new BM25Similarity(1.2f, 0.75f));
    int count = 0;
    try (Directory directory = new MMapDirectory(index);
        IndexWriter writer = new IndexWriter(directory, config);
        BufferedReader in = Files.newBufferedReader(tokens)) {
      Tokens stream = new Tokens();
      Document document = new Document();
      document.add(new Field(FIELD, stream, type));
      for (String line; (line = in.readLine()) != null; ++count) {
        stream.set(line);
        writer.addDocument(document);
      }
      writer.forceMerge(1);
      writer.commit();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    long bytes = 0;
    try (var files = Files.list(index)) {
      for (Path file : files.toList()) bytes += Files.size(file);
    }
    System.out.printf(
        Locale.ROOT,
        "{\"engine\": \"lucene\", \"version\": \"%s, JDK %d\", \"documents\": %d, "
            + "\"seconds\": %.3f, \"bytes\": %d}%n",
        Version.LATEST, Runtime.version().feature(), count, seconds, bytes);
  }

  private static Query query(Task task, String line) {
    String[] words = line.split(" ");
    if (task.kind.equals("phrase")) return new PhraseQuery(FIELD, words);
    Occur occur = task.kind.equals("or") ? Occur.SHOULD : Occur.MUST;
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String word : words) query.add(new TermQuery(new Term(FIELD, word)), occur);
    if (task.filter == null) return query.build();
    return new BooleanQuery.Builder()
        .add(query.build(), Occur.MUST)
        .add(task.filter, Occur.FILTER)
        .build();
  }

  private static ScoreDoc[] run(IndexSearcher searcher, Task task, int k, String line)
      throws IOException {
    Query query = query(task, line);
    if (task.kind.equals("count")) return new ScoreDoc[] {new ScoreDoc(searcher.count(query), 0)};
    // A threshold of 1: no hit is counted that need not be scored.
    return searcher.search(query, new TopScoreDocCollectorManager(k, 1)).scoreDocs;
  }

  private static void warmUp(IndexSearcher searcher, Task task, List<String> lines)
      throws IOException {
    long begin = System.nanoTime();
    do {
      for (String line : lines) run(searcher, task, task.k, line);
    } while (System.nanoTime() - begin < WARM_UP_SECONDS * 1e9);
  }

  private static List<String> lines(Path queries, String kind) throws IOException {
    return Files.readAllLines(queries.resolveSibling(queries.getFileName() + "." + kind));
  }

  private static String measure(IndexSearcher searcher, Task task, Path queries, Path results)
      throws IOException {
    List<String> lines = lines(queries, task.kind);
    warmUp(searcher, task, lines);
    double[] us = new double[lines.size()];
    Arrays.fill(us, 1e18);
    for (int pass = 0; pass < PASSES; ++pass) {
      for (int i = 0; i < us.length; ++i) {
        long started = System.nanoTime();
        run(searcher, task, task.k, lines.get(i));
        us[i] = Math.min(us[i], (System.nanoTime() - started) / 1e3);
      }
    }
    // What the others' hits are compared with: deep enough to see who is tied with the last.
    List<ScoreDoc[]> found = new ArrayList<>();
    for (String line : lines) found.add(run(searcher, task, Math.max(task.k, 100), line));
    Path ids = results.resolveSibling(results.getFileName() + "." + task.name);
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(ids))) {
      for (ScoreDoc[] hits : found) {
        StringBuilder line = new StringBuilder();
        for (ScoreDoc hit : hits) line.append(hit.doc).append(':').append(hit.score).append(' ');
        out.println(line);
      }
    }
    double mean = Arrays.stream(us).average().orElse(0);
    Arrays.sort(us);
    return String.format(
        Locale.ROOT,
        "\"%s\": {\"queries\": %d, \"mean\": %.2f, \"p50\": %.2f, \"p99\": %.2f}",
        task.name, us.length, mean, us[us.length / 2], us[us.length * 99 / 100]);
  }

  private static void search(Path index, Path queries, Path results, String tasks)
      throws IOException {
    try (Directory directory = new MMapDirectory(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
      searcher.setQueryCache(null);
      List<Task> known = new ArrayList<>();
      for (String name : tasks.split(",")) known.add(Task.of(name, reader.maxDoc()));
      // All before the first is timed: what the JIT learns of one task it unlearns with the next.
      for (Task task : known) warmUp(searcher, task, lines(queries, task.kind));
      List<String> measured = new ArrayList<>();
      for (Task task : known) measured.add(measure(searcher, task, queries, results));
      System.out.printf("{\"engine\": \"lucene\", \"tasks\": {%s}}%n", String.join(", ", measured));
    }
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 4 && arguments[0].equals("build")) {
      build(Path.of(arguments[1]), Path.of(arguments[2]), arguments[3].equals("positions"));
    } else if (arguments.length == 5 && arguments[0].equals("search")) {
      search(Path.of(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]), arguments[4]);
    } else {
      System.err.println("usage: build INDEX TOKENS MODE | search INDEX QUERIES RESULTS TASKS");
      System.exit(2);
    }
  }
}

// Ranks a test collection with Lucene's own analysers, for quality.py to judge.
//
//   LuceneQuality ANALYSER DOCUMENTS QUERIES RUN
//
// DOCUMENTS and QUERIES hold "id<TAB>text" a line; RUN gets "query<TAB>document document …", ten
// documents at most. ANALYSER is nori, nori-content or english.
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer;
import org.apache.lucene.analysis.ko.POS;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

public final class LuceneQuality {
  private static final String FIELD = "body";

  static Analyzer analyser(String name) {
    if (name.equals("english")) return new EnglishAnalyzer();
    Set<POS.Tag> stopped = new HashSet<>(KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS);
    if (name.equals("nori-content")) {
      // What leaves content words only; lexical-korean.md 10 measured the gain.
      stopped.addAll(
          Set.of(POS.Tag.VCP, POS.Tag.VCN, POS.Tag.VX, POS.Tag.NP, POS.Tag.NNB, POS.Tag.XSN));
    }
    return new KoreanAnalyzer(null, KoreanTokenizer.DEFAULT_DECOMPOUND, stopped, false);
  }

  private static BooleanQuery query(Analyzer analyser, String text) throws IOException {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    try (TokenStream stream = analyser.tokenStream(FIELD, text)) {
      CharTermAttribute term = stream.getAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        query.add(new TermQuery(new Term(FIELD, term.toString())), Occur.SHOULD);
      }
      stream.end();
    }
    return query.build();
  }

  public static void main(String[] arguments) throws IOException {
    BM25Similarity bm25 = new BM25Similarity(1.2f, 0.75f);
    List<String> names = new ArrayList<>();
    try (Analyzer analyser = analyser(arguments[0]);
        ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig(analyser).setSimilarity(bm25);
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
          String[] parts = line.split("\t", 2);
          names.add(parts[0]);
          Document document = new Document();
          document.add(new TextField(FIELD, parts[1], Field.Store.NO));
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory);
          PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[3])))) {
        IndexSearcher searcher = new IndexSearcher(reader);
        searcher.setSimilarity(bm25);
        for (String line : Files.readAllLines(Path.of(arguments[2]))) {
          String[] parts = line.split("\t", 2);
          List<String> found = new ArrayList<>();
          for (ScoreDoc hit : searcher.search(query(analyser, parts[1]), 10).scoreDocs) {
            found.add(names.get(hit.doc));
          }
          out.println(parts[0] + "\t" + String.join(" ", found));
        }
      }
    }
  }
}

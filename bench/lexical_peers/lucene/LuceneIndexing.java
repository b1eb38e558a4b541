// How fast Lucene makes text searchable with one of its own analysers, for indexing.py.
//
//   LuceneIndexing ANALYSER DOCUMENTS FOLDER PASSES
//
// DOCUMENTS holds "id<TAB>text" a line. Each pass makes a new index in FOLDER by one thread, the text
// stored in it, and commits it; the first ones warm the virtual machine up. Prints the seconds of each
// but the first two as a JSON list. Reading DOCUMENTS is not counted.
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.FSDirectory;

public final class LuceneIndexing {
  private static final int WARM_UP = 2;

  public static void main(String[] arguments) throws IOException {
    List<String[]> documents = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[1]))) documents.add(line.split("\t", 2));
    List<String> seconds = new ArrayList<>();
    for (int pass = 0; pass < WARM_UP + Integer.parseInt(arguments[3]); ++pass) {
      Path folder = Path.of(arguments[2], Integer.toString(pass));
      long begin = System.nanoTime();
      try (Analyzer analyser = LuceneQuality.analyser(arguments[0]);
          FSDirectory directory = FSDirectory.open(folder);
          IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyser))) {
        for (String[] parts : documents) {
          Document document = new Document();
          document.add(new StringField("id", parts[0], Field.Store.YES));
          document.add(new TextField("body", parts[1], Field.Store.YES));
          writer.addDocument(document);
        }
        writer.commit();
      }
      if (pass >= WARM_UP) seconds.add(Double.toString((System.nanoTime() - begin) / 1e9));
    }
    System.out.println("[" + String.join(", ", seconds) + "]");
  }
}

#include "models/model_catalogue.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/loopback_server.h"
#include "models/gguf.h"
#include "models/make_models.h"
#include "models/recommended_models.h"
#include "models/scratch_folder.h"

namespace saerok {
namespace {

using Request = LoopbackServer::Request;
using Peer = LoopbackServer::Peer;

/// The bytes of a small GGUF file; `salt` makes it another model.
std::string small_model(const ScratchFolder& folder, std::string_view architecture,
                        std::string_view salt = "a") {
  std::vector<std::byte> weights(40'000);
  GgufWriter writer;
  writer.put_text("general.architecture", architecture);
  writer.put_text("general.name", salt);
  writer.put_text("general.license", "apache-2.0");
  writer.put_count(std::string(architecture) + ".embedding_length", 8);
  const std::uint64_t shape[] = {100, 100};
  writer.add_tensor("t", shape, GgufTensorType::f32, weights);
  EXPECT_TRUE(writer.write(folder.path("made.gguf")));
  std::ostringstream bytes;
  bytes << std::ifstream(folder.path("made.gguf"), std::ios::binary).rdbuf();
  return bytes.str();
}

TEST(ModelCatalogue, AFolderThatDoesNotExistHoldsNone) {
  const ScratchFolder folder;
  const auto models = ModelCatalogue(folder.path("none")).list();
  ASSERT_TRUE(models) << models.error().message;
  EXPECT_TRUE(models->empty());
}

TEST(ModelCatalogue, AFileIsAddedListedVerifiedAndRemoved) {
  const ScratchFolder folder;
  small_model(folder, "bert");
  std::filesystem::rename(folder.path("made.gguf"), folder.path("My Model.GGUF"));
  ModelCatalogue catalogue(folder.path("models"));
  std::uint64_t seen = 0;
  const auto added = catalogue.add_file(
      folder.path("My Model.GGUF"), "",
      [&](std::string_view, std::uint64_t done, std::uint64_t) { seen = done; }, {});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->name, "my-model");
  EXPECT_EQ(added->kind, ModelKind::embed);
  EXPECT_EQ(added->license, "apache-2.0");
  EXPECT_EQ(added->sha256.size(), 64u);
  EXPECT_EQ(seen, added->size);
  EXPECT_TRUE(catalogue.verify("my-model", nullptr, {}));
  std::ofstream(catalogue.path_of(*added), std::ios::in | std::ios::out | std::ios::ate) << "x";
  EXPECT_EQ(catalogue.verify("my-model", nullptr, {}).error().code, ErrorCode::corrupt);
  ASSERT_TRUE(catalogue.remove("my-model"));
  EXPECT_FALSE(std::filesystem::exists(catalogue.path_of(*added)));
  EXPECT_EQ(catalogue.remove("my-model").error().code, ErrorCode::not_found);
  EXPECT_TRUE(catalogue.list()->empty());
}

TEST(ModelCatalogue, WhatIsNoModelIsRefusedAndLeavesNothing) {
  const ScratchFolder folder;
  std::ofstream(folder.path("notes.gguf")) << "# notes";
  ModelCatalogue catalogue(folder.path("models"));
  EXPECT_EQ(catalogue.add_file(folder.path("notes.gguf"), "", nullptr, {}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(folder.path("models")));
}

TEST(ModelCatalogue, ANameCannotLeaveTheFolder) {
  const ScratchFolder folder;
  small_model(folder, "bert");
  ModelCatalogue catalogue(folder.path("models"));
  for (const char* name : {"../x", "a/b", ".hidden", "-rf", "a b", "a\nb"}) {
    EXPECT_EQ(catalogue.add_file(folder.path("made.gguf"), name, nullptr, {}).error().code,
              ErrorCode::invalid_argument)
        << name;
  }
}

TEST(ModelCatalogue, ABrokenListIsCorruptWithACure) {
  const ScratchFolder folder;
  for (const char* text :
       {"", "{", "{}", R"({"models":[{"name":"a","file":"../b","kind":"chat"}]})"}) {
    std::ofstream(folder.path("models.json")) << text;
    const auto models = ModelCatalogue(folder.path("")).list();
    ASSERT_FALSE(models) << text;
    EXPECT_EQ(models.error().code, ErrorCode::corrupt);
    EXPECT_NE(models.error().message.find("delete it"), std::string::npos);
  }
}

/// Serves a file with ranges and an ETag, but breaks off its first answer after `first_bytes`.
class FileServer {
 public:
  FileServer(std::string bytes, std::size_t first_bytes)
      : bytes_(std::move(bytes)),
        first_bytes_(first_bytes),
        server_([this](const auto& request, const auto& peer) { serve(request, peer); }) {}
  std::string url() const { return server_.url("/models/Tiny.gguf?sig=secret"); }
  std::vector<Request> requests() const { return server_.requests(); }
  void replace(std::string bytes) {
    bytes_ = std::move(bytes);
    etag_ = "\"two\"";
  }

 private:
  void serve(const Request& request, const Peer& peer) {
    const auto at = request.head.find("Range: bytes=");
    const bool is_same = request.has("If-Range: " + etag_);
    std::size_t begin = 0;
    if (at != std::string::npos && is_same) begin = std::stoul(request.head.substr(at + 13));
    std::string head = begin > 0
                           ? "HTTP/1.1 206 Part\r\nContent-Range: bytes " + std::to_string(begin) +
                                 "-" + std::to_string(bytes_.size() - 1) + "/" +
                                 std::to_string(bytes_.size()) + "\r\n"
                           : "HTTP/1.1 200 OK\r\n";
    head += "Connection: close\r\nETag: " + etag_ +
            "\r\nContent-Length: " + std::to_string(bytes_.size() - begin) + "\r\n\r\n";
    const std::size_t size = count_++ == 0 ? first_bytes_ : std::string::npos;
    peer.send(head + bytes_.substr(begin, size));
  }

  std::string bytes_;
  std::string etag_ = "\"one\"";
  std::size_t first_bytes_;
  std::atomic<int> count_ = 0;
  LoopbackServer server_;
};

TEST(ModelCatalogue, ABrokenDownloadGoesOnWhereItEnded) {
  const ScratchFolder folder;
  FileServer server(small_model(folder, "llama"), 10'000);
  ModelCatalogue catalogue(folder.path("models"));
  const auto broken = catalogue.add_url(server.url(), "", nullptr, {});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::unavailable);
  EXPECT_EQ(broken.error().message.find("secret"), std::string::npos);
  const auto added = catalogue.add_url(server.url(), "", nullptr, {});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_TRUE(server.requests().at(1).has("Range: bytes=10000-"));
  EXPECT_EQ(added->name, "tiny");
  EXPECT_EQ(added->kind, ModelKind::chat);
  EXPECT_EQ(added->source.find("secret"), std::string::npos);
  EXPECT_TRUE(catalogue.verify("tiny", nullptr, {}));
}

TEST(ModelCatalogue, AFileThatChangedMeanwhileIsFetchedAnew) {
  const ScratchFolder folder;
  FileServer server(small_model(folder, "llama", "a"), 10'000);
  ModelCatalogue catalogue(folder.path("models"));
  ASSERT_FALSE(catalogue.add_url(server.url(), "", nullptr, {}));
  server.replace(small_model(folder, "llama", "other"));
  const auto added = catalogue.add_url(server.url(), "", nullptr, {});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(read_gguf_info(catalogue.path_of(*added))->name, "other");
}

TEST(ModelCatalogue, AUrlThatGivesAnotherFileLaterIsRefusedEvenAfterRemoval) {
  const ScratchFolder folder;
  FileServer server(small_model(folder, "llama", "a"), std::string::npos);
  ModelCatalogue catalogue(folder.path("models"));
  ASSERT_TRUE(catalogue.add_url(server.url(), "", nullptr, {}));
  ASSERT_TRUE(catalogue.remove("tiny"));
  server.replace(small_model(folder, "llama", "other"));
  const auto again = catalogue.add_url(server.url(), "", nullptr, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::failed_precondition);
  EXPECT_TRUE(catalogue.list()->empty());
}

TEST(ModelCatalogue, AMissingUrlIsNotFoundAndAPageIsNoModel) {
  const ScratchFolder folder;
  const LoopbackServer server([](const Request& request, const Peer& peer) {
    if (request.has("/none")) return peer.answer("404 No", "nothing");
    peer.answer("200 OK", "<html>login</html>");
  });
  ModelCatalogue catalogue(folder.path("models"));
  EXPECT_EQ(catalogue.add_url(server.url("/none.gguf"), "", nullptr, {}).error().code,
            ErrorCode::not_found);
  const auto page = catalogue.add_url(server.url("/page.gguf"), "", nullptr, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(page.error().message.find("/page.gguf"), std::string::npos) << page.error().message;
}

TEST(MakeModels, WhatIsNotInstalledSaysHowToGetIt) {
  const ScratchFolder folder;
  const auto embedder = make_embedder({}, folder.path("models"), "saerok");
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().code, ErrorCode::failed_precondition);
  EXPECT_NE(embedder.error().message.find("saerok model add default"), std::string::npos);
  EXPECT_EQ(make_language_model({}, folder.path("models"), "saerok").error().code,
            ErrorCode::not_found);
  EXPECT_EQ(make_reranker({}, folder.path("models"), "saerok").error().code, ErrorCode::not_found);
  ModelSettings wrong;
  wrong.chat = "nonesuch";
  EXPECT_EQ(make_language_model(wrong, folder.path("models"), "saerok").error().code,
            ErrorCode::failed_precondition);
}

TEST(MakeModels, AnInstalledModelIsFoundByNameAndAFileByItsPath) {
  const ScratchFolder folder;
  small_model(folder, "bert", "tiny");
  ModelCatalogue catalogue(folder.path("models"));
  ASSERT_TRUE(catalogue.add_file(folder.path("made.gguf"), "default", nullptr, {}));
  const auto by_name = make_embedder({}, folder.path("models"), "saerok");
  ASSERT_TRUE(by_name) << by_name.error().message;
  EXPECT_EQ((*by_name)->dimension(), 8u);
  ModelSettings settings;
  settings.embed = folder.path("made.gguf");
  const auto by_path = make_embedder(settings, folder.path("models"), "saerok");
  ASSERT_TRUE(by_path) << by_path.error().message;
  EXPECT_EQ((*by_path)->fingerprint(), (*by_name)->fingerprint());
  ModelSettings chat;
  chat.chat = "default";
  EXPECT_EQ(make_language_model(chat, folder.path("models"), "saerok").error().code,
            ErrorCode::invalid_argument);
  std::filesystem::resize_file(folder.path("models/default.gguf"), 100);
  EXPECT_EQ(make_embedder({}, folder.path("models"), "saerok").error().code, ErrorCode::corrupt);
}

TEST(RecommendedModels, FitTheMemoryAndHaveALicence) {
  EXPECT_TRUE(recommend_chat_models(2'000'000'000).empty());
  const auto small = recommend_chat_models(8'000'000'000);
  const auto large = recommend_chat_models(64'000'000'000);
  ASSERT_FALSE(small.empty());
  EXPECT_GT(large.size(), small.size());
  for (const RecommendedModel& model : small) {
    EXPECT_LE(model.memory_gb, 5.5);
    EXPECT_FALSE(model.license.empty());
  }
}

}  // namespace
}  // namespace saerok

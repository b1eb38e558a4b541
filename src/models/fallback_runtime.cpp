#include "models/fallback_runtime.h"

#include <utility>

namespace saerok {
namespace {

class FallbackRuntime final : public ModelRuntime {
 public:
  FallbackRuntime(std::unique_ptr<ModelRuntime> current, MakeRuntime make_other)
      : current_(std::move(current)), make_other_(std::move(make_other)) {}

  void note(const Error& reason) {
    remark_ = "llama.cpp makes the vectors, several times more slowly, because OpenVINO failed (" +
              reason.message +
              "); set models.embed_with to llama to have it so without this warning";
  }

  LoadedModel facts() const override { return current_->facts(); }

  Result<EmbeddedTexts> embed(const std::vector<std::string>& texts) override {
    auto embedded = current_->embed(texts);
    if (!embedded && is_failure(embedded.error()) && make_other_) {
      const Error reason = embedded.error();
      auto other = std::exchange(make_other_, nullptr)();
      // The first reason is what there is to mend.
      if (!other) return reason;
      current_ = std::move(*other);
      note(reason);
      embedded = current_->embed(texts);
    }
    if (embedded) embedded->remark = remark_;
    return embedded;
  }

  Result<std::uint64_t> count_tokens(const std::string& text) override {
    return current_->count_tokens(text);
  }

  Result<Completion> complete(const CompletionRequest& request, const TextSink& sink) override {
    return current_->complete(request, sink);
  }

 private:
  static bool is_failure(const Error& error) {
    return error.code != ErrorCode::cancelled && error.code != ErrorCode::invalid_argument;
  }

  std::unique_ptr<ModelRuntime> current_;
  MakeRuntime make_other_;  ///< Empty once it was called.
  std::string remark_;
};

}  // namespace

std::unique_ptr<ModelRuntime> make_fallback_runtime(std::unique_ptr<ModelRuntime> first,
                                                    MakeRuntime make_other) {
  return std::make_unique<FallbackRuntime>(std::move(first), std::move(make_other));
}

Result<std::unique_ptr<ModelRuntime>> make_fallen_back_runtime(const Error& reason,
                                                               const MakeRuntime& make_other) {
  auto runtime = std::make_unique<FallbackRuntime>(TRY(make_other()), nullptr);
  runtime->note(reason);
  return std::unique_ptr<ModelRuntime>(std::move(runtime));
}

}  // namespace saerok

// The choice of a precision by measuring, with a clock and a module of the test's own.

#include "models/precision_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "models/encoder_runtime.h"
#include "models/llama_models.h"
#include "models/model_runtime.h"
#include "models/scratch_folder.h"
#include "models/tiny_encoder.h"

namespace saerok {
namespace {

/// What a module of the test does: how long a batch takes in each precision, on a clock that only
/// this moves; nothing: it cannot be built.
struct Machine {
  std::map<EncoderPrecision, std::int64_t> batch_ns;
  std::int64_t build_ns = 0;
  std::int64_t now_ns = 0;
  std::vector<EncoderPrecision> built;
  std::vector<std::uint32_t> layers;
};
Machine* machine = nullptr;

class TimedLane final : public EncoderLane {
 public:
  explicit TimedLane(std::int64_t batch_ns) : batch_ns_(batch_ns) {}
  Status compute(const EncoderBatch& batch, std::span<float> rows) override {
    EXPECT_EQ(batch.states.size() % (batch.texts * batch.length), 0u);
    std::fill(rows.begin(), rows.end(), 1.0f);
    machine->now_ns += batch_ns_;
    return {};
  }

 private:
  std::int64_t batch_ns_;
};

class TimedGraph final : public EncoderGraph {
 public:
  explicit TimedGraph(EncoderPrecision precision) : precision_(precision) {}
  EncoderPrecision precision() const override { return precision_; }
  std::unique_ptr<EncoderLane> make_lane() override {
    return std::make_unique<TimedLane>(machine->batch_ns.at(precision_));
  }

 private:
  EncoderPrecision precision_;
};

Result<std::unique_ptr<EncoderGraph>> make_timed_graph(const EncoderGraphRequest& request) {
  machine->now_ns += machine->build_ns;
  machine->built.push_back(request.precision);
  machine->layers.push_back(request.shape.layers);
  if (!machine->batch_ns.contains(request.precision)) {
    return Error{ErrorCode::unavailable, "the graph does not compile"};
  }
  return std::unique_ptr<EncoderGraph>(std::make_unique<TimedGraph>(request.precision));
}

const EncoderModule kModule{.describe = [] { return std::string("Timed 1"); },
                            .choose = [] { return EncoderPrecision::bf16; },
                            .eligible =
                                [] {
                                  return std::vector{EncoderPrecision::bf16, EncoderPrecision::int8,
                                                     EncoderPrecision::f32};
                                },
                            .make_graph = make_timed_graph};

struct PrecisionChoice : testing::Test {
  Machine own;
  PrecisionChoice() { machine = &own; }
  ~PrecisionChoice() override { machine = nullptr; }

  EncoderPrecision measure() {
    EncoderGraphRequest request;
    request.shape.hidden = 16;
    request.shape.layers = 12;
    return measure_precisions(kModule, request, [this] { return own.now_ns; });
  }
};

TEST_F(PrecisionChoice, TheFastestIsTaken) {
  own.batch_ns = {{EncoderPrecision::bf16, 3'000'000},
                  {EncoderPrecision::int8, 1'000'000},
                  {EncoderPrecision::f32, 2'000'000}};
  EXPECT_EQ(measure(), EncoderPrecision::int8);
  EXPECT_EQ(own.layers, (std::vector<std::uint32_t>{1, 1, 1})) << "a layer tells enough";
}

TEST_F(PrecisionChoice, AHairsBreadthDoesNotOverruleTheProcessorsFeatures) {
  own.batch_ns = {{EncoderPrecision::bf16, 1'100'000},
                  {EncoderPrecision::int8, 1'000'000},
                  {EncoderPrecision::f32, 5'000'000}};
  EXPECT_EQ(measure(), EncoderPrecision::bf16);
}

TEST_F(PrecisionChoice, WhatDoesNotCompileIsNotChosen) {
  own.batch_ns = {{EncoderPrecision::bf16, 3'000'000}, {EncoderPrecision::f32, 1'000'000}};
  EXPECT_EQ(measure(), EncoderPrecision::f32);
  own.batch_ns = {{EncoderPrecision::f32, 1'000'000}};
  EXPECT_EQ(measure(), EncoderPrecision::bf16)
      << "without its own figure nothing is faster than it";
}

TEST_F(PrecisionChoice, MeasuringEndsInTimeWithWhatIsKnown) {
  own.batch_ns = {{EncoderPrecision::bf16, 60'000'000},
                  {EncoderPrecision::int8, 1'000'000},
                  {EncoderPrecision::f32, 1}};
  own.build_ns = 650'000'000;  // Two fill the time; the third is not begun.
  EXPECT_EQ(measure(), EncoderPrecision::bf16);
  EXPECT_LT(own.now_ns, 2'000'000'000);
  EXPECT_EQ(own.built.size(), 2u);
}

TEST_F(PrecisionChoice, ItIsKeptForTheMachineItWasMeasuredOn) {
  const ScratchFolder folder;
  const std::string model = folder.path("m.gguf");
  EXPECT_FALSE(read_precision_choice(model, "this"));
  write_precision_choice(model, "this", "int8");
  EXPECT_EQ(read_precision_choice(model, "this"), EncoderPrecision::int8);
  EXPECT_FALSE(read_precision_choice(model, "another"));
  std::ofstream(precision_file(model)) << "saerok precision 1\nthis\nf16\n";
  EXPECT_FALSE(read_precision_choice(model, "this"));
  write_precision_choice(folder.path("none/m.gguf"), "this", "int8");  // No folder: no harm.
}

TEST_F(PrecisionChoice, AProcessorIsItsNameAndItsFeatures) {
  const auto of = [](const std::string& flags) {
    return processor_identity("processor\t: 0\nmodel name\t: A Processor 7\nflags\t\t: " + flags +
                              "\n\nprocessor\t: 1\n");
  };
  EXPECT_TRUE(of("avx2").starts_with("A Processor 7, "));
  EXPECT_NE(of("avx2"), of("avx2 amx_bf16"));
  EXPECT_EQ(of("avx2"), of("avx2"));
  EXPECT_FALSE(processor_identity("").empty());
}

TEST_F(PrecisionChoice, TheRuntimeMeasuresOnceAndTellsWhatItChose) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_tiny_encoder(folder.path("tiny.gguf"), 1));
  own.batch_ns = {
      {EncoderPrecision::bf16, 1}, {EncoderPrecision::int8, 1}, {EncoderPrecision::f32, 1}};
  LoadRequest request{.path = folder.path("tiny.gguf"), .task = WorkerTask::embed, .threads = 1};
  const std::vector<std::string> texts{"The water, emptied.", "ROOM"};
  const auto embed = [&](ModelRuntime& runtime) {
    auto embedded = runtime.embed(texts);
    EXPECT_TRUE(embedded) << embedded.error().message;
    return embedded ? embedded->chosen : "";
  };
  request.may_measure = true;
  auto first = load_encoder_runtime(request, [] { return false; }, &kModule);
  ASSERT_TRUE(first) << first.error().message;
  // The real clock: which of them is the fastest is not the test's to say.
  EXPECT_TRUE(precision_named(embed(**first)));
  EXPECT_EQ(embed(**first), "") << "told once";
  EXPECT_EQ(own.built.size(), 4u);
  request.chosen = "f32";
  own.built.clear();
  auto second = load_encoder_runtime(request, [] { return false; }, &kModule);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(embed(**second), "");
  EXPECT_EQ(own.built, std::vector{EncoderPrecision::f32});
}

}  // namespace
}  // namespace saerok

/// Which precision an encoder is computed in where nobody says: the processor's features name the
/// likeliest, and a short measurement of one layer, made once for a model and a machine, may name a
/// faster one. The result is kept in a file beside the model; in the worker, which may write
/// nothing, only the measuring is done.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "models/encoder_graph.h"

namespace saerok {

/// Nanoseconds; steady_clock_ns() but in tests.
using ClockNs = std::function<std::int64_t()>;

/// All measuring together; what was not measured until then is not chosen.
inline constexpr std::int64_t kMeasureNsMax = 1'500'000'000;
/// So much faster than what the features say something else has to be, or a busy machine would
/// decide.
inline constexpr double kFasterBy = 1.15;

/// The fastest of module.eligible(), which begins with module.choose(). One layer of the model is
/// built in each: the others would take as long. `encoder` is the whole model's request.
/// What cannot be built or computed is passed over.
EncoderPrecision measure_precisions(const EncoderModule& module, EncoderGraphRequest encoder,
                                    const ClockNs& clock);

/// The processor's name and a hash of its features, from the text of /proc/cpuinfo.
std::string processor_identity(std::string_view cpu_info);
/// This machine's.
std::string processor_identity();

/// The file that keeps the choice for the model at `model_path`.
std::string precision_file(const std::string& model_path);
/// Nothing where there is none, or it was made on another processor.
std::optional<EncoderPrecision> read_precision_choice(const std::string& model_path,
                                                      std::string_view processor);
/// Nothing is lost if it cannot be written: it is measured again.
void write_precision_choice(const std::string& model_path, std::string_view processor,
                            std::string_view precision);
/// The precision of that name; nothing if there is none.
std::optional<EncoderPrecision> precision_named(std::string_view name);

}  // namespace saerok

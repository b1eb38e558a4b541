/// Floors below which nothing ships: a JSON file of datasets, settings and the least value of a
/// metric, run one after the other.
///
///   {"floors": [{"dataset": "../examples/questions", "split": "", "group": "direct",
///                "set": {"mode": "lexical"}, "metrics": {"mrr@10": 0.60},
///                "optional": false, "slow": false}]}
///
/// A dataset's path is relative to the file's folder, or else to the data folder; an `optional` one
/// that is not there is passed over, with a sentence.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lab/experiment.h"
#include "saerok/settings.h"

namespace saerok::lab {

struct GateFloor {
  std::string dataset;
  std::string split;
  std::string group;  ///< Only questions of this group; empty: all.
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::pair<Metric, double>> metrics;  ///< Least mean of each.
  bool is_optional = false;
  bool is_slow = false;  ///< Left out unless slow ones are wanted: needs many embeddings.
};

/// Errors: not_found, invalid_argument (which entry, and what is wrong with it).
Result<std::vector<GateFloor>> read_gate(const std::string& file);

struct GateOptions {
  std::string file;
  std::string data_folder;  ///< Empty: none.
  bool with_slow = false;
  Settings settings;  ///< What `set` changes.
  /// Whether the embedder that the settings name can be used; empty: not looked at.
  std::function<Status(const Settings&)> find_embedder;
};

enum class GateVerdict : std::uint8_t { passed, failed, skipped };

struct GateRow {
  GateFloor floor;
  GateVerdict verdict = GateVerdict::passed;
  std::string reason;  ///< Why it was skipped, or what could not be done.
  std::string run;     ///< Its id, if there is one.
  std::vector<std::pair<Metric, double>> values;
};

struct GateReport {
  std::vector<GateRow> rows;
  bool has_passed() const;
};

/// A floor whose run fails is a failed floor; errors: read_gate()'s, and cancelled.
Result<GateReport> run_gate(const LabPlaces& places, const GateOptions& options,
                            const ProgressSink& progress, const CallContext& call);

}  // namespace saerok::lab

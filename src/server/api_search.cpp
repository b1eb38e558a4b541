// GET and POST /v1/saerok/search: what `saerok search --json` prints.

#include "server/context.h"
#include "server/reply.h"
#include "wire/request_json.h"
#include "wire/response_json.h"

namespace saerok::server {
namespace {

constexpr std::chrono::seconds kLongest{30};
constexpr std::string_view kSettable[] = {"search."};

/// Waits for a turn, but no longer than the request may take.
class SearchSlot {
 public:
  static Result<SearchSlot> take(std::counting_semaphore<>& slots, const CallContext& call) {
    constexpr std::chrono::milliseconds kLook{50};
    while (!slots.try_acquire_for(kLook)) TRY(call.check());
    return SearchSlot(slots);
  }
  ~SearchSlot() {
    if (slots_ != nullptr) slots_->release();
  }
  SearchSlot(SearchSlot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
  SearchSlot& operator=(SearchSlot&&) = delete;

 private:
  explicit SearchSlot(std::counting_semaphore<>& slots) : slots_(&slots) {}
  std::counting_semaphore<>* slots_;
};

Result<Response> search(Context& context, Exchange& exchange) {
  const Json members = TRY(members_of(exchange.request()));
  const SearchRequest request = TRY(search_request_from(members));
  const Engine engine =
      TRY(engine_for(*context.engine.get(), find_member(members, "settings"), kSettable));
  const CallContext call = call_for(exchange, kLongest);
  const SearchSlot slot = TRY(SearchSlot::take(context.search_slots, call));
  return reply(to_json(TRY(engine.search(request, call))));
}

}  // namespace

void add_search_routes(Router& router, Context& context) {
  const auto handler = [&context](Exchange& exchange, const PathValues&) {
    return search(context, exchange);
  };
  router.add("GET", "/v1/saerok/search", handler);
  router.add("POST", "/v1/saerok/search", handler);
}

}  // namespace saerok::server

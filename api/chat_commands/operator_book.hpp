// Who may give commands in chat, and as what: the people of [[operators]]. Their ids are the
// platforms' and stand in the configuration alone; the log has the name that was given to them
// there. Nobody is anybody by default. Immutable, any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/config.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {

class OperatorBook {
  public:
    explicit OperatorBook(const std::vector<Operator>& operators);

    /// Null: not listed. `person` is whom the platform's signature says; an empty one is nobody.
    [[nodiscard]] const Operator* find(ingest::Platform platform, std::string_view account,
                                       std::string_view person) const;
    [[nodiscard]] bool is_empty() const { return by_person_.empty(); }

  private:
    std::vector<Operator> operators_;
    std::map<std::string, std::size_t, std::less<>> by_person_;  // as the configuration names them
};

}  // namespace decklog::api

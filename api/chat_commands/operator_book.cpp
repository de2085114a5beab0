#include "api/chat_commands/operator_book.hpp"

namespace decklog::api {

OperatorBook::OperatorBook(const std::vector<Operator>& operators) : operators_(operators) {
    for (std::size_t i = 0; i < operators_.size(); ++i) {
        for (const std::string& person : operators_[i].people) by_person_.emplace(person, i);
    }
}

const Operator* OperatorBook::find(ingest::Platform platform, std::string_view account,
                                   std::string_view person) const {
    if (person.empty()) return nullptr;
    const std::string of_all = std::string(ingest::to_text(platform));
    const std::string of_one = of_all + "/" + std::string(account);
    for (const std::string& where : {of_one, of_all}) {
        const auto found = by_person_.find(where + ":" + std::string(person));
        if (found != by_person_.end()) return &operators_[found->second];
    }
    return nullptr;
}

}  // namespace decklog::api

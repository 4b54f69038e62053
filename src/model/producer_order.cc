#include "model/producer_order.h"

#include <set>

namespace saker {

std::vector<std::size_t> producer_order(std::vector<std::size_t>& missing,
                                        const std::vector<std::vector<std::size_t>>& users) {
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) ready.insert(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (const std::size_t user : users[next]) {
      if (--missing[user] == 0) ready.insert(user);
    }
  }
  return order;
}

}  // namespace saker

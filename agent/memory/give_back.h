#ifndef FIREBREAK_AGENT_MEMORY_GIVE_BACK_H_
#define FIREBREAK_AGENT_MEMORY_GIVE_BACK_H_

namespace firebreak::agent {

// Gives memory back to the host that large work has left behind: free heap, and the pages of
// program code, of which most served the start only. What is needed again comes back from the page
// cache, page by page. Takes about a millisecond.
void GiveBackMemory();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_MEMORY_GIVE_BACK_H_

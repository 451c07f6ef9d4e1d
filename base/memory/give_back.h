#ifndef FIREBREAK_BASE_MEMORY_GIVE_BACK_H_
#define FIREBREAK_BASE_MEMORY_GIVE_BACK_H_

namespace firebreak {

// Gives memory back to the host that large work has left behind: free heap, and the pages of
// program code, of which most served the start only. What is needed again comes back from the page
// cache, page by page. Takes about a millisecond.
void GiveBackMemory();

}  // namespace firebreak

#endif  // FIREBREAK_BASE_MEMORY_GIVE_BACK_H_

/// The ids of tool calls in a conversation with a model: not empty and unique, as providers demand of a request.
///
/// Some servers number the calls of each turn anew or leave the id out. A call is renamed when a turn arrives, so that
/// the journal, the results and the next request name it alike.
struct CallIDs: Sendable {
    private var taken: Set<String>

    /// - Parameter taken: ids that no call may get.
    init(taken: Set<String> = []) { self.taken = taken }

    /// The ids of the calls in earlier turns of a request.
    init(of messages: [ModelMessage]) {
        taken = []
        for case .turn(let turn) in messages { taken.formUnion(turn.calls.map(\.id)) }
    }

    /// The ids of the calls of one turn, in their order. An id that is unused and not empty is kept. Equal
    /// conversations get equal ids, as prompt caches need them.
    mutating func unique(_ ids: [String]) -> [String] {
        // Ids that can be kept have precedence over those that are made here.
        let given = Set(ids)
        return ids.map { id in
            if !id.isEmpty, taken.insert(id).inserted { return id }
            let base = id.isEmpty ? "call" : id
            var number = id.isEmpty ? 1 : 2
            while taken.contains("\(base)_\(number)") || given.contains("\(base)_\(number)") { number += 1 }
            taken.insert("\(base)_\(number)")
            return "\(base)_\(number)"
        }
    }
}

import Foundation

/// Another process that is registered under a name, as it was found.
struct NameHolder: Sendable, Hashable {
    let id: String
    /// See ``ProcessPlace``.
    let place: String
    let pid: Int32
    let startedAt: Date?
    /// Its last sign of life, by the store's clock.
    let sign: Date?
}

/// Tells a process that lives from one that is gone without a word: the one gives signs of life. Pure.
struct NameWatch: Sendable {
    private var met: NameHolder?

    init() {}

    /// Whether nobody was met yet, or another.
    func isNew(_ holder: NameHolder) -> Bool { met?.id != holder.id }

    /// True when the holder has given a sign since it was met first.
    mutating func meets(_ holder: NameHolder) -> Bool {
        guard let met, met.id == holder.id else {
            met = holder
            return false
        }
        return met.sign != holder.sign
    }

    /// The name is this process's.
    mutating func forget() { met = nil }
}

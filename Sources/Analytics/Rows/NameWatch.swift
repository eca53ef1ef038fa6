import Foundation

/// Another process that is registered under this process's name, as read from `processes`.
struct NameHolder: Sendable, Hashable {
    /// The process's id in `processes`.
    let id: String
    /// Format of ``ProcessPlace/here``.
    let place: String
    let pid: Int32
    let startedAt: Date?
    /// Its last heartbeat, by the store's clock.
    let sign: Date?
}

/// Decides from heartbeats whether another process of the same name is alive. Pure.
struct NameWatch: Sendable {
    private var met: NameHolder?

    init() {}

    /// True if this holder was not seen at the previous call of ``meets(_:)``.
    func isNew(_ holder: NameHolder) -> Bool { met?.id != holder.id }

    /// Records the holder. True if its heartbeat has changed since it was first seen, so that it is alive.
    mutating func meets(_ holder: NameHolder) -> Bool {
        guard let met, met.id == holder.id else {
            met = holder
            return false
        }
        return met.sign != holder.sign
    }

    /// Clears the state: this process has registered the name.
    mutating func forget() { met = nil }
}

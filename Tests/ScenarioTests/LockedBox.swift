import NIOConcurrencyHelpers

/// A value that a child task sets and its parent reads.
final class LockedBox<Value: Sendable>: Sendable {
    private let box: NIOLockedValueBox<Value>

    init(_ value: Value) { box = NIOLockedValueBox(value) }

    var value: Value {
        get { box.withLockedValue { $0 } }
        set { box.withLockedValue { $0 = newValue } }
    }

    func update(_ change: (inout Value) -> Void) { box.withLockedValue { change(&$0) } }
}

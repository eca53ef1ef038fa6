/// A value that must not reach a log, an error, the record or a message: it prints as ‹secret›.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself; name it only where it goes onto the wire.
    package let revealed: String

    package init(_ value: String) { revealed = value }

    package var description: String { "‹secret›" }
    package var debugDescription: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

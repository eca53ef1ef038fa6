/// A value that must not be written to a log, an error, the store or a message: it prints as ‹secret›.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself; for use only where a request is made from it.
    package let revealed: String

    package init(_ value: String) { revealed = value }

    package var description: String { "‹secret›" }
    package var debugDescription: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

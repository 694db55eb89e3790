"""The tree of an index as numbers: indicators first, then groups, children before their parents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from relode.words.indicator import Group, IndicatorSystem
from relode.words.plan import Aggregate


@dataclass(frozen=True)
class Branch:
    """A group: where its children stand among the nodes, and which leaves are below it."""

    code: str
    children: tuple[int, ...]
    leaves: tuple[int, ...]


@dataclass(frozen=True)
class Tree:
    """`leaves` are the indicators (nodes 0 to k - 1), `branches` the groups (nodes k onwards), the root last;
    `means` what the plan says of exponents and bounds."""

    leaves: tuple[str, ...]
    branches: tuple[Branch, ...]
    direction: Mapping[str, int]
    means: Aggregate = field(default_factory=Aggregate)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all nodes."""
        return self.leaves + tuple(branch.code for branch in self.branches)

    @property
    def parents(self) -> tuple[int, ...]:
        """The branch above each node; the root's is -1."""
        above = [-1] * len(self.codes)
        for n, branch in enumerate(self.branches):
            for child in branch.children:
                above[child] = n
        return tuple(above)


def tree_of(system: IndicatorSystem, kept: Collection[str], means: Aggregate | None = None) -> Tree:
    """The system's tree with the indicators in `kept`; a group left without any is left out."""
    leaves = tuple(code for code in system.codes if code in kept)
    at = {code: n for n, code in enumerate(leaves)}
    branches: list[Branch] = []
    for group in system.root.nodes():
        below = tuple(at[leaf.code] for leaf in group.leaves() if leaf.code in at)
        if below:
            at[group.code] = len(leaves) + len(branches)
            branches.append(Branch(group.code, _children(group, at), below))
    direction = {i.code: i.direction for i in system.indicators}
    return Tree(leaves, tuple(branches), direction, means or Aggregate())


def leaves_of(tree: Tree, node: int) -> tuple[int, ...]:
    """The leaves below a node; a leaf's is itself."""
    return (node,) if node < len(tree.leaves) else tree.branches[node - len(tree.leaves)].leaves


def _children(group: Group, at: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(at[child.code] for child in group.children if child.code in at)

// Classes with room in their tolerances wait side by side; those that count on the processor run one by one after them.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

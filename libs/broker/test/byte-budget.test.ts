import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../src/byte-budget.ts';

function reader() {
  const one = { resumed: 0, onRoom: () => void one.resumed++ };
  return one;
}

describe('byte budget', () => {
  it('lets a waiting connection read when another gives back', () => {
    const budget = new ByteBudget(100);
    const waiting = reader();
    budget.change({ requests: 120 });
    budget.wait(waiting, 0);
    expect(budget.mayRead(waiting)).toBe(false);
    expect(waiting.resumed).toBe(0);
    budget.change({ requests: -40 });
    expect(waiting.resumed).toBe(1);
    expect(budget.mayRead(waiting)).toBe(true);
  });

  it('wakes in the order of waiting, and only as long as there is room', () => {
    const budget = new ByteBudget(100);
    const order: string[] = [];
    budget.change({ requests: 150 });
    budget.wait({ onRoom: () => (order.push('first'), budget.change({ requests: 30 })) }, 0);
    budget.wait({ onRoom: () => order.push('second') }, 0);
    budget.change({ requests: -60 });
    expect(order).toEqual(['first']);
    budget.change({ requests: -60 });
    expect(order).toEqual(['first', 'second']);
  });

  it('lets one connection finish its frame when unfinished frames fill the budget', () => {
    const budget = new ByteBudget(100);
    const [first, second] = [reader(), reader()];
    budget.change({ requests: 60, unfinished: 60 });
    budget.change({ requests: 60, unfinished: 60 });
    budget.wait(first, 0);
    budget.wait(second, 0);
    expect([first.resumed, second.resumed]).toEqual([1, 0]);
    expect(budget.mayRead(second)).toBe(false);

    budget.change({ requests: 30, unfinished: 30 });
    budget.endFrame(first);
    budget.change({ unfinished: -90 });
    budget.change({ requests: -90 });
    expect(second.resumed).toBe(1);
  });

  it('gives the exemption on when its holder leaves', () => {
    const budget = new ByteBudget(100);
    const [first, second] = [reader(), reader()];
    budget.change({ requests: 120, unfinished: 120 });
    budget.wait(first, 0);
    budget.wait(second, 0);
    budget.leave(first);
    budget.change({ requests: -5, unfinished: -5 });
    expect([first.resumed, second.resumed]).toEqual([1, 1]);
  });

  it('is stalled when somebody has waited for room for too long', () => {
    const budget = new ByteBudget(100);
    budget.change({ requests: 120 });
    expect(budget.isStalled(1_000, 50)).toBe(false);
    budget.wait(reader(), 1_000);
    expect([budget.isStalled(1_050, 50), budget.isStalled(1_051, 50)]).toEqual([false, true]);
    budget.change({ requests: -120 });
    expect(budget.isStalled(2_000, 50)).toBe(false);
  });

  it('is stalled when there is no room for responses for too long', () => {
    const budget = new ByteBudget(100);
    budget.change({ responses: 60 });
    expect([budget.isStalled(1_000, 50), budget.isStalled(1_051, 50)]).toEqual([false, true]);
    budget.change({ responses: -20 });
    expect(budget.isStalled(1_060, 50)).toBe(false);
    budget.change({ responses: 20 });
    expect(budget.isStalled(1_070, 50)).toBe(false);
  });

  it('starts nothing more for who holds responses when half of it is held, nor for anyone at three quarters', () => {
    const budget = new ByteBudget(100);
    const starved = reader();
    const may = () => [budget.mayStart(true), budget.mayStart(false)];
    budget.change({ responses: 49 });
    expect(may()).toEqual([true, true]);
    budget.change({ responses: 1 });
    expect(may()).toEqual([false, true]);
    budget.change({ responses: 25 });
    expect(may()).toEqual([false, false]);
    budget.waitToStart(starved);
    budget.change({ responses: -20 });
    expect(starved.resumed).toBe(0);
    budget.change({ responses: -20 });
    expect(starved.resumed).toBe(1);
    expect(may()).toEqual([true, true]);
  });

  it('keeps half of itself from responses, so that peers that do not read stop nobody from being read', () => {
    const budget = new ByteBudget(100);
    budget.change({ responses: 30 });
    expect(budget.responseRoom).toBe(20);
    budget.change({ responses: 30 });
    expect(budget.responseRoom).toBe(0);
    expect(budget.mayRead(reader())).toBe(true);
    budget.change({ responses: -60 });
    expect([budget.used, budget.responseRoom]).toEqual([0, 50]);
  });
});
